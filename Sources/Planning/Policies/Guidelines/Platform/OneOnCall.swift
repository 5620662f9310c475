import Spec

extension Guideline {
    static let oneOnCall = Guideline(
        id: "one-on-call",
        title: "One person who is always on call",
        reason: "A rotation of one has no nights, no holidays and nobody who answers when that person does not.",
        fix: "Let at least two take turns.",
        serves: ["PA-12"], levels: .production(.warning),
        judge: .platform { context in
            context.platform.oncall.sorted { $0.key < $1.key }.compactMap { name, schedule in
                let people = Set(schedule.rotations.flatMap(\.rotation.people))
                let path = SpecPath(["oncall", name.text])
                guard people.count == 1, let only = people.first, context.isWhole(path) else { return nil }
                return context.flag("only `\(only)` takes turns in `\(name)`", at: path, .key)
            }
        },
        bad: """
            oncall: {primary: {rotation: {people: [ana]}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """)
}
