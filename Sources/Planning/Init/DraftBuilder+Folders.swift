extension DraftBuilder {
    /// A service for each folder whose files tell a stack, and for each Dockerfile that stands alone.
    mutating func readFindings() {
        for found in findings {
            let file = Paths.join(found.folder, "Dockerfile")
            let docker = files.text(file).map { DockerfileText($0) }
            if found.run == nil, found.siteOutput == nil, docker?.start == nil, procfile(found.folder).isEmpty {
                let place = found.folder.isEmpty ? "The repository itself" : "`\(found.folder)`"
                remarks.append("\(place) (\(found.stack.rawValue)) is left out: nothing tells how it would be started.")
                continue
            }
            addFound(found, docker: docker, file: file)
        }
        // A Dockerfile alone, of a stack that Hauban does not build.
        for name in files.files.keys.sorted() where Paths.last(name) == "Dockerfile" {
            let folder = Paths.folder(of: name)
            let isKnown = findings.contains { Paths.isBelow(folder, $0.folder) || Paths.isBelow($0.folder, folder) }
            let isSideline = folder.split(separator: "/").contains { Self.sidelines.contains(String($0)) }
            guard !isKnown, !isSideline, let text = files.text(name) else { continue }
            let found = Finding(folder: folder, stack: .plain, reasons: ["Dockerfile"])
            addFound(found, docker: DockerfileText(text), file: name)
        }
    }

    mutating func addFound(_ found: Finding, docker: DockerfileText?, file: String) {
        let processes = procfile(found.folder)
        let isWeb = processes.contains { $0.type == "web" }
        let own = found.stack == .site || isWeb ? "web" : "app"
        if isWeb || processes.isEmpty || found.run?.isGuess == false {
            var draft = DraftService(
                name: names.make(Self.name(of: found.folder) ?? own, else: own))
            draft.source = .init(value: found.folder, comment: found.reasons.joined(separator: ", "))
            if found.stack == .site {
                makeSite(&draft, found)
                draft.source?.comment = nil
            } else {
                start(&draft, origin: nil, docker: docker, dockerName: file, found: found, composeName: "")
                health(&draft, nil, "", docker: docker)
                draft.isPublished = draft.port != nil
            }
            services.append(draft)
        }
        for process in processes where process.type != "web" && process.type != "release" {
            let (command, variables) =
                guess.allows(process.command)
                ? (process.command, []) : SecretGuess.withVariables(process.command, service: process.type)
            guard guess.allows(command) else {
                remarks.append(
                    "The `\(process.type):` line of Procfile is left out: it holds what looks like a secret.")
                continue
            }
            var draft = DraftService(name: names.make(process.type))
            draft.source = .init(value: found.folder, comment: nil)
            draft.run = .init(
                value: DraftCommands.withPort(command, port: nil),
                comment: "the `\(process.type):` line of Procfile")
            draft.secrets = variables.map {
                .init(
                    secret: DraftNames.valid($0) ?? "secret", variable: $0,
                    comment: "its value stood in the command and was not copied")
            }
            if draft.run?.value.contains("${port}") == true {
                draft.port = .init(value: defaultPort(found), comment: "a guess: the command asks for one")
            }
            services.append(draft)
        }
    }

    /// The folder's name, its parent's where it is `src` or the like; `nil` for the repository itself.
    private static func name(of folder: String) -> String? {
        let parts = folder.split(separator: "/").map(String.init)
        return parts.last { !["src", "public", "static", "html"].contains($0) }
    }

    /// The lines `TYPE: COMMAND` of a folder's Procfile.
    func procfile(_ folder: String) -> [(type: String, command: String)] {
        (files.text(Paths.join(folder, "Procfile")) ?? "").split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].first != "#" else { return nil }
            let command = parts[1].drop { $0.isWhitespace }
            return command.isEmpty ? nil : (String(parts[0]), String(command))
        }
    }
}
