import Spec

/// JUnit's and Cobertura's reports.
enum XMLReports {
    static func read(_ bytes: [UInt8], _ name: String, in folder: String) throws(StrictXML.Fault) -> StepReports.Report
    {
        var root: String?
        var reading = Reading()
        try StrictXML.read(bytes) { (event: StrictXML.Event) throws(StrictXML.Fault) in
            if case .open(let element) = event, root == nil { root = element.name }
            switch root {
            case "testsuites", "testsuite": reading.test(event)
            case "coverage": reading.cover(event)
            default: break
            }
        }
        switch root {
        case "testsuites", "testsuite": return .tests(reading.tally)
        case "coverage": return .coverage(TextReports.tally(reading.files.values.flatMap(\.values)))
        default: return .other
        }
    }

    private struct Reading {
        var tally = TestTally()
        var files: [String: [Int: Bool]] = [:]
        private var test = ""
        private var isFailed = false
        private var isSkipped = false
        private var file = ""
        /// Inside of a class but outside of its methods, whose lines stand in both.
        private var methods = 0

        /// The schema that Jenkins reads: `testcase` with `failure`, `error` or `skipped` in it. Attributes that count are
        /// not believed: the cases are.
        mutating func test(_ event: StrictXML.Event) {
            switch event {
            case .open(let element):
                switch element.name {
                case "testcase":
                    test = [element.attributes["classname"], element.attributes["name"]].compactMap { $0 }
                        .filter { !$0.isEmpty }.joined(separator: ".")
                    isFailed = false
                    isSkipped = false
                case "failure", "error": isFailed = true
                case "skipped": isSkipped = true
                default: break
                }
            case .close("testcase"):
                tally.run += 1
                if isFailed {
                    tally.failed += 1
                    if tally.failures.count < 50 { tally.failures.append(Untrusted.word(test)) }
                } else if isSkipped {
                    tally.skipped += 1
                }
            case .close, .text: break
            }
        }

        /// Cobertura 4's `class filename=` with `line number= hits=`; a file may have several classes.
        mutating func cover(_ event: StrictXML.Event) {
            switch event {
            case .open(let element):
                switch element.name {
                case "class": file = element.attributes["filename"] ?? element.attributes["name"] ?? ""
                case "methods": methods += 1
                case "line" where methods == 0:
                    guard let number = element.attributes["number"].flatMap({ Int($0) }),
                        let hits = element.attributes["hits"].flatMap({ Double($0) })
                    else { return }
                    files[file, default: [:]][number] = (files[file]?[number] ?? false) || hits > 0
                default: break
                }
            case .close("methods"): methods -= 1
            case .close, .text: break
            }
        }
    }
}
