package import Spec

/// What a pipeline does, as steps that need each other: no circle in it, each name once.
package struct PipelineGraph: Sendable, Hashable {
    /// Why the steps do not make a graph.
    package enum Fault: Error, Sendable, Hashable {
        case twice(StepID)
        case unknownNeed(StepID, of: StepID)
        /// Each needs the next, and the last one the first.
        case circle([StepID])
    }

    /// In the order in which ready ones start.
    package let steps: [Step]
    /// The steps that each one needs, as places in `steps`.
    let needs: [[Int]]
    let places: [StepID: Int]

    /// - Throws: `Fault`
    package init(_ steps: [Step]) throws(Fault) {
        var places: [StepID: Int] = [:]
        for (place, step) in steps.enumerated() where places.updateValue(place, forKey: step.id) != nil {
            throw .twice(step.id)
        }
        var needs: [[Int]] = []
        for step in steps {
            var own: [Int] = []
            for need in Set(step.needs).sorted() {
                guard let place = places[need] else { throw .unknownNeed(need, of: step.id) }
                own.append(place)
            }
            needs.append(own)
        }
        self.steps = steps
        self.places = places
        self.needs = needs
        if let circle = Self.circle(needs) { throw .circle(circle.map { steps[$0].id }) }
    }

    package subscript(id: StepID) -> Step? { places[id].map { steps[$0] } }

    /// Without recursion: a pipeline may be one long line.
    private static func circle(_ needs: [[Int]]) -> [Int]? {
        var done = [Bool](repeating: false, count: needs.count)
        for start in needs.indices where !done[start] {
            var path: [(place: Int, next: Int)] = [(start, 0)]
            var onPath: Set<Int> = [start]
            while let (place, next) = path.last {
                if next == needs[place].count {
                    done[place] = true
                    onPath.remove(place)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let need = needs[place][next]
                if onPath.contains(need) {
                    let first = path.firstIndex { $0.place == need } ?? 0
                    return path[first...].map(\.place)
                }
                if !done[need] {
                    onPath.insert(need)
                    path.append((need, 0))
                }
            }
        }
        return nil
    }
}

/// A step's name, its parts with `/` between them: `test/api/pytest`.
package struct StepID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// For a file or folder of its own: letters, digits and `-`.
    package var fileName: String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") ? $0 : "-" })
    }
}

extension PipelineGraph {
    /// One piece of work.
    package struct Step: Sendable, Hashable {
        package var id: StepID
        /// `nil` for what only puts tools in place.
        package var stage: StageName?
        /// Relative to the folder of hauban.yaml; empty for that folder itself.
        package var folder: String
        /// What a person calls it: `ruff`.
        package var name: String
        package var work: Work
        package var needs: [StepID]
        package var timeout: Duration
        /// From the wish to end to the kill.
        package var grace: Duration
        /// Further tries after a failure.
        package var retries: Int
        /// What its result depends on; `nil` is always done anew.
        package var inputs: Inputs?
        /// Puts a folder of tools in place for those that name this step as their `tools`.
        package var makesTools: Bool
        /// The step whose folder of tools its programs come from first.
        package var tools: StepID?
        /// Databases that exist while it runs.
        package var stores: [PipelineStore]
        package var gate: GateKind
        /// What it builds, for the papers that go with it.
        package var image: BuiltImage?

        /// Commands that the team wrote for the whole stage.
        package var isOwn: Bool { id.text == stage?.text }

        package init(
            _ id: StepID, stage: StageName?, folder: String = "", name: String, work: Work, needs: [StepID] = [],
            timeout: Duration = .seconds(900), grace: Duration = .seconds(5), retries: Int = 0, inputs: Inputs? = nil,
            makesTools: Bool = false,
            tools: StepID? = nil, stores: [PipelineStore] = [], gate: GateKind = .exit,
            image: BuiltImage? = nil
        ) {
            self.id = id
            self.stage = stage
            self.folder = folder
            self.name = name
            self.work = work
            self.needs = needs
            self.timeout = timeout
            self.grace = grace
            self.retries = retries
            self.inputs = inputs
            self.makesTools = makesTools
            self.tools = tools
            self.stores = stores
            self.gate = gate
            self.image = image
        }
    }

    /// How a step is done.
    package enum Work: Sendable, Hashable {
        /// One after another, in the step's folder; the first failure ends it.
        case commands([CommandLine])
        /// This program itself, with these words.
        case hauban([String])
    }

    /// What makes a result worth keeping: as long as all of it is the same, the step is not done again.
    package struct Inputs: Sendable, Hashable {
        /// Folders whose files count, as git sees them, relative to that of hauban.yaml.
        package var folders: [String]
        /// Only these files of the folders, when not empty.
        package var files: [String]
        /// The commit counts as well: history is read.
        package var history: Bool
        /// Knowledge from outside comes in, which is new each day.
        package var daily: Bool
        /// Programs whose version counts.
        package var programs: [String]
        /// What it made, relative to its folder: not kept when gone.
        package var outputs: [String]

        package init(
            folders: [String], files: [String] = [], history: Bool = false, daily: Bool = false,
            programs: [String] = [], outputs: [String] = []
        ) {
            self.folders = folders
            self.files = files
            self.history = history
            self.daily = daily
            self.programs = programs
            self.outputs = outputs
        }
    }

    /// Who says whether a step that ended is good.
    package enum GateKind: Sendable, Hashable {
        /// Its exit code, and what its reports say besides.
        case exit
        /// Its report in the first place: the tool exits with one of these codes when it worked, whatever it found.
        case report(worked: Set<Int32>)
    }
}
