import Planning
import Testing

@Suite("Stack detection")
struct StackDetectionTests {
    private func root(_ files: [String: String?]) -> Finding { StackDetection.root(files: files) }

    @Test("a requirements file makes a Python service, and its FastAPI object the command")
    func fastAPI() {
        let finding = root(["requirements.txt": nil, "api/main.py": "import x\napp = FastAPI(title=\"a\")\n"])
        #expect(finding.stack == .python)
        #expect(finding.steps == [.virtualEnvironment(.file("requirements.txt"))])
        #expect(finding.run?.command == "uvicorn api.main:app --host 127.0.0.1 --port ${port}")
        #expect(finding.run?.isGuess == true)
        #expect(finding.run?.reason == "`app = FastAPI(…)` in api/main.py")
    }

    @Test("a Procfile is believed before anything else")
    func procfile() {
        let finding = root([
            "requirements.txt": nil, "Procfile": "release: x\nweb: gunicorn app:app -b :$PORT\n",
            "app.py": "app = Flask(__name__)",
        ])
        #expect(finding.run?.command == "gunicorn app:app -b :${port}")
        #expect(finding.run?.isGuess == false)
    }

    @Test("a pyproject that only configures tools is no Python project")
    func toolsOnly() {
        #expect(root(["pyproject.toml": "[tool.ruff]\nline-length = 100\n"]).stack == .plain)
        #expect(root(["pyproject.toml": "[project]\nname = 'x'\n"]).steps == [.virtualEnvironment(.project)])
    }

    @Test("Flask, Django and a plain script each have their command")
    func pythonCommands() {
        #expect(
            root(["requirements.txt": nil, "web.py": "from flask import Flask\nserver: Flask = flask.Flask(__name__)"])
                .run?.command
                == "flask --app web:server run --host 127.0.0.1 --port ${port}")
        #expect(root(["requirements.txt": nil, "manage.py": ""]).run?.command.hasPrefix("python manage.py") == true)
        #expect(root(["requirements.txt": nil, "main.py": "print(1)"]).run?.command == "python main.py")
        #expect(root(["requirements.txt": nil]).run == nil)
    }

    @Test("a lock file asks for npm ci, its absence for npm install, no dependencies for neither")
    func node() {
        let package = #"{"scripts": {"start": "node x: \"y\"", "build": "tsc"}, "dependencies": {"express": "1"}}"#
        let locked = root(["package.json": package, "package-lock.json": nil])
        #expect(locked.stack == .node)
        #expect(
            locked.steps == [.run(["npm", "ci", "--no-audit", "--no-fund"]), .run(["npm", "run", "build"])])
        #expect(locked.run?.command == "npm start")
        #expect(root(["package.json": package]).steps.first?.text.hasPrefix("npm install") == true)
        #expect(root(["package.json": "{}", "server.js": nil]).steps.isEmpty)
        #expect(root(["package.json": "{}", "server.js": nil]).run?.command == "node server.js")
    }

    @Test("a site generator makes a site with its documented output folder")
    func generatedSite() {
        let finding = root([
            "package.json": #"{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "5"}}"#,
            "package-lock.json": nil, "index.html": nil,
        ])
        #expect(finding.stack == .site)
        #expect(finding.siteOutput == "dist")
        #expect(finding.steps.map(\.text) == ["npm ci --no-audit --no-fund", "npm run build"])
    }

    @Test("an index.html alone is a site that is served as it is")
    func plainSite() {
        #expect(root(["index.html": nil, "a.css": nil]).siteOutput == ".")
        #expect(root(["index.html": nil]).steps.isEmpty)
    }

    @Test("Swift and Go are built by their own tools, and their program is the command")
    func compiled() {
        let swift = root(["Package.swift": "…\n  .executableTarget(\n  name: \"Server\", …", "Sources/a.swift": nil])
        #expect(swift.steps.map(\.text) == ["swift build -c release"])
        #expect(swift.run?.command == ".build/release/Server")
        let go = root(["go.mod": "module example.com/shop/v2\n\ngo 1.22\n", "main.go": nil])
        #expect(go.steps.map(\.text) == ["go build -o bin/ ./..."])
        #expect(go.run?.command == "bin/shop")
        #expect(root(["go.mod": nil, "cmd/api/main.go": nil]).run?.command == "bin/api")
    }

    @Test("a repository of several services gives a finding for each, and no part of a project twice")
    func repository() {
        let findings = StackDetection.detect(files: [
            "README.md": nil, "services/api/requirements.txt": nil, "services/api/static/index.html": nil,
            "services/mailer/go.mod": nil, "frontend/package.json": "{}", "frontend/public/index.html": nil,
            "frontend/node_modules/x/package.json": "{}", "docs/index.html": nil,
        ])
        #expect(findings.map(\.folder) == ["docs", "frontend", "services/api", "services/mailer"])
        #expect(findings.map(\.stack) == [.site, .node, .python, .go])
    }

    @Test("nothing known is plain, with a reason")
    func plain() {
        #expect(root(["run.sh": nil]).stack == .plain)
        #expect(root([:]).reasons == ["no files of a known stack"])
    }

    @Test(
        "any text gives a finding and never a crash",
        arguments: ["", "\"scripts\"", "\"scripts\": {\"a", "{\u{0}", "web:", ":", "="])
    func garbage(text: String) {
        for name in ["package.json", "pyproject.toml", "Procfile", "go.mod", "Package.swift", "a.py"] {
            let finding = root([name: text, "requirements.txt": text, "main.go": text])
            #expect(finding.stack == .python)
        }
    }
}
