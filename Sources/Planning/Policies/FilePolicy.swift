import Spec

extension Policy {
    /// A source must hold something that says how it is started; silent when nobody looked at the files.
    static let somethingToRun = Policy { context in
        guard let files = context.files else { return [] }
        return context.services.compactMap { name, service in
            guard let source = service.source, files.exists(source), service.run == nil, service.site == nil else {
                return nil
            }
            guard
                ["source", "run", "site", "stack", "build"].allSatisfy({ context.isWhole(.service(name, $0)) }),
                context.environment.map({ context.isKnown(.environment($0, "target")) }) ?? true
            else { return nil }
            if service.build?.dockerfile != nil || service.stack == .site { return nil }
            // A Dockerfile says how a container starts; the processes of this machine need a command.
            let starters = context.settings?.target == .local ? ["Procfile"] : FileFacts.starters
            if starters.contains(where: { files.exists(FileFacts.join(source, $0)) }) { return nil }
            let hasDockerfile = files.exists(FileFacts.join(source, "Dockerfile"))
            return context.finding(
                .nothingToRun,
                hasDockerfile
                    ? "only a Dockerfile says how `\(name)` starts, and `local` has no containers"
                    : "nothing says how `\(name)` starts",
                at: .service(name, "source"),
                help: "Add `run`, the command that starts one replica"
                    + (service.port == nil ? "." : "; `${port}` is the port on which it must listen.")
                    + (hasDockerfile ? "" : " `\(source)` has neither a Dockerfile nor a Procfile."))
        }
    }

    /// The folders and Dockerfiles that services are built from exist.
    static let sources = Policy { context in
        guard let files = context.files else { return [] }
        return context.services.compactMap { name, service in
            guard let source = service.source, context.isKnown(.service(name, "source")) else { return nil }
            if !files.exists(source) {
                return context.finding(
                    .sourceMissing, "there is no folder `\(source)`", at: .service(name, "source"),
                    help: "Paths are relative to the folder of hauban.yaml.")
            }
            guard let dockerfile = service.build?.dockerfile,
                context.isKnown(.service(name, "build", "dockerfile"))
            else { return nil }
            let path = FileFacts.join(source, dockerfile)
            if files.exists(path) { return nil }
            return context.finding(
                .sourceMissing, "there is no file `\(path)`", at: .service(name, "build", "dockerfile"),
                help: "The Dockerfile's path is relative to `source`.")
        }
    }

    /// The runbooks that pages name exist: who is woken must not find a dead link.
    static let runbooks = Policy { context in
        guard let files = context.files else { return [] }
        return context.platform.alerts.sorted { $0.key < $1.key }.compactMap { name, alert in
            let path = SpecPath(["alerts", name.text, "runbook"])
            guard let runbook = alert.runbook, !files.exists(runbook), context.isKnown(path) else { return nil }
            return context.finding(
                .runbookMissing, "there is no file `\(runbook)`", at: path,
                help: "Write it, or remove the key: who is paged must not find a dead link.")
        }
    }
}
