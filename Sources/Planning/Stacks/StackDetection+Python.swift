extension StackDetection {
    static func python(_ view: FolderView) -> Finding? {
        var reasons: [String] = []
        var steps: [BuildStep] = []
        if view.has("requirements.txt") {
            reasons.append("requirements.txt")
            steps.append(.virtualEnvironment(.file("requirements.txt")))
        } else if view.has("pyproject.toml") {
            // A pyproject.toml may only configure tools; a project has a name (PEP 621) or a build backend (PEP 518).
            let text = view.text("pyproject.toml")
            guard
                text.map({ $0.contains("[project]") || $0.contains("[build-system]") || $0.contains("[tool.poetry]") })
                    ?? true
            else { return nil }
            reasons.append("pyproject.toml")
            steps.append(.virtualEnvironment(.project))
        } else {
            return nil
        }
        let run = view.procfileRun ?? pythonRun(view)
        return Finding(folder: view.folder, stack: .python, reasons: reasons, steps: steps, run: run)
    }

    /// The shallowest file that makes a FastAPI, Starlette or Flask application, or Django's manage.py.
    private static func pythonRun(_ view: FolderView) -> Finding.Run? {
        let candidates = view.below.filter { $0.hasSuffix(".py") && !$0.hasPrefix("test") && !$0.contains("/test") }
            .sorted { ($0.split(separator: "/").count, $0) < ($1.split(separator: "/").count, $1) }
        for name in candidates {
            guard let text = view.text(name) else { continue }
            for line in text.split(whereSeparator: \.isNewline) {
                guard let (variable, maker) = assignment(line) else { continue }
                var module = String(name.dropLast(3)).replacing("/", with: ".")
                if module.hasPrefix("src.") { module.removeFirst(4) }
                if module.hasSuffix(".__init__") { module.removeLast(9) }
                let reason = "`\(variable) = \(maker)(…)` in \(name)"
                switch maker {
                case "FastAPI", "Starlette":
                    return .init(
                        command: "uvicorn \(module):\(variable) --host 127.0.0.1 --port ${port}", reason: reason)
                case "Flask":
                    return .init(
                        command: "flask --app \(module):\(variable) run --host 127.0.0.1 --port ${port}", reason: reason
                    )
                default: continue
                }
            }
        }
        if view.has("manage.py") {
            return .init(command: "python manage.py runserver --noreload 127.0.0.1:${port}", reason: "manage.py")
        }
        for name in ["main.py", "app.py"] where view.has(name) {
            return .init(command: "python \(name)", reason: name)
        }
        return nil
    }

    /// `app = FastAPI(` or `app: FastAPI = fastapi.FastAPI(` at the left edge of a line.
    private static func assignment(_ line: Substring) -> (variable: String, maker: String)? {
        guard let first = line.first, first.isLetter || first == "_", let equals = line.firstIndex(of: "=") else {
            return nil
        }
        let left = line[..<equals].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let right = line[line.index(after: equals)...].drop { $0 == " " }
        guard let open = right.firstIndex(of: "(") else { return nil }
        let maker = right[..<open].split(separator: ".").last ?? ""
        return left.isEmpty || maker.isEmpty ? nil : (String(left), String(maker))
    }
}
