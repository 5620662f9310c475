package import Planning
package import World

/// A finished build: nothing in its folder follows later edits of the source.
package struct BuildResult: Sendable, Hashable, Codable {
    /// The copy of the source with what was built in it: the working directory of the service's processes.
    package var folder: String
    /// Of the source and of everything that the steps depend on.
    package var identity: ContentHash
    package var stack: Stack
    /// To put before `PATH`, the first one first.
    package var pathFolders: [String]
    /// Set for each process of the service.
    package var variables: [String: String]
    /// The folder that the front door serves; `nil` for what is no site.
    package var siteFolder: String?
    /// It was there already.
    package var cached: Bool
    /// From the question to the answer.
    package var duration: Duration

    /// The additions to an environment as variables, `PATH` included.
    ///
    /// - Parameter path: the `PATH` that the process would have without them.
    package func environment(path: String) -> [String: String] {
        variables.merging(["PATH": (pathFolders + [path]).joined(separator: ":")]) { $1 }
    }
}

/// What is on disk when a build is complete: the last file that a build writes.
struct BuildRecord: Codable, Hashable, Sendable {
    var identity: ContentHash
    var source: ContentHash
    var stack: Stack
    var siteOutput: String?
    /// The name of the virtual environment's folder.
    var virtualEnvironment: String?
    var seconds: Double
}
