import Glibc
import Planning
import World

/// Lists a repository for `init` and `doctor`: names, and the contents of the few files that say what it is.
enum RepositoryWalk {
    /// Where listing stops: what lies deeper or comes later says nothing about what the services are.
    static let mostFiles = 20_000
    static let deepest = 7
    private static let largestFile = 256 << 10

    /// - Parameters:
    ///   - folder: absolute.
    ///   - wants: the files whose content is read.
    static func read(
        _ folder: String, wants: (String) -> Bool = RepositoryFiles.wantsContent(of:)
    ) -> RepositoryFiles {
        var files: [String: String?] = [:]
        var open: [(path: String, depth: Int)] = [("", 0)]
        // The shallow folders first, so that the limit cuts off what is deep.
        while !open.isEmpty {
            let (path, depth) = open.removeFirst()
            for name in Folder.names(in: path.isEmpty ? folder : folder + "/" + path) {
                guard files.count < mostFiles else { return RepositoryFiles(files) }
                let relative = path.isEmpty ? name : path + "/" + name
                var information = stat()
                guard !SourceTree.litter.contains(name), lstat(folder + "/" + relative, &information) == 0 else {
                    continue
                }
                switch information.st_mode & S_IFMT {
                case S_IFDIR where depth < deepest: open.append((relative, depth + 1))
                case S_IFREG:
                    let wanted = wants(relative) && information.st_size <= largestFile
                    files.updateValue(wanted ? SmallFile.text(folder + "/" + relative) : nil, forKey: relative)
                default: break
                }
            }
        }
        return RepositoryFiles(files)
    }
}
