import ArgumentParser
import ControlPlane
import Response
import Spec
import World

/// Who knows who is on call: a control plane, or a platform's file alone.
enum OnCallBook {
    case plane(PlaneClient)
    /// By name; `today` is when it was asked.
    case file([String: OnCallSchedule], today: Moment)

    /// A document as the API writes it.
    typealias Document = (value: JSONValue, text: String)

    func who(at moment: Moment?) async throws -> Document {
        switch self {
        case .plane(let client):
            return try await client.json(
                "GET", ["oncall"], query: moment.map { [("at", $0.description)] } ?? [], doing: "say who is on call")
        case .file(let schedules, let today):
            return Self.document(
                OnCallDocument.who(schedules.values.sorted { $0.name < $1.name }, at: moment ?? today))
        }
    }

    func shifts(_ name: String, _ period: Period) async throws -> Document {
        switch self {
        case .plane(let client):
            return try await client.json(
                "GET", ["oncall", name, "shifts"], query: period.query, doing: "list the shifts of \(name)")
        case .file(let schedules, _):
            let schedule = try Self.find(name, schedules)
            return Self.document(OnCallDocument.shifts(schedule.shifts(from: period.start, to: period.end)))
        }
    }

    /// When nobody is on call, but for the days on which nobody is meant to be.
    func gaps(_ name: String, _ period: Period) async throws -> [JSONValue] {
        switch self {
        case .plane(let client):
            return try await client.json(
                "GET", ["oncall", name, "gaps"], query: period.query, doing: "list the gaps of \(name)"
            ).value.items("items")
        case .file(let schedules, _):
            let schedule = try Self.find(name, schedules)
            return OnCallDocument.shifts(schedule.gaps(from: period.start, to: period.end)).items("items")
        }
    }

    func calendar(_ name: String, _ period: Period) async throws -> String {
        switch self {
        case .plane(let client):
            return try await client.ask(
                "GET", ["api", "v1", "oncall", name, "calendar.ics"], query: period.query,
                doing: "write the calendar of \(name)"
            ).text
        case .file(let schedules, let today):
            let schedule = try Self.find(name, schedules)
            return CalendarFeed.text(schedule, from: period.start, to: period.end, stamp: today)
        }
    }

    /// A moment by a schedule's clock, where it was written without a zone.
    func moment(_ wish: MomentWish, of name: String) async throws -> Moment {
        guard wish.isWall else { return wish.moment() }
        let items = try await who(at: nil).value.items("items")
        guard let item = items.first(where: { $0["schedule"]?.string == name }) else {
            throw Self.unknown(name, among: items.compactMap { $0["schedule"]?.string })
        }
        return try Self.moment(wish, in: item["zone"]?.string)
    }

    /// - Throws: `WorldError` where this machine does not know the zone.
    static func moment(_ wish: MomentWish, in zone: String?) throws -> Moment {
        guard wish.isWall, let zone else { return wish.moment() }
        if zone == "UTC" { return wish.moment(in: .utc) }
        guard let rules = ZoneFiles().rules(zone) else {
            throw WorldError(
                code: "no-zone", operation: "read the time of \(JSONValue.printable(zone))",
                underlying: "this machine does not know the time zone",
                hint: "Write the moment with its offset, as 2026-12-24T09:00:00+01:00, or `apt-get install tzdata`.")
        }
        return wish.moment(in: rules)
    }

    static func unknown(_ name: String, among names: [String]) -> WorldError {
        let near = KeyHint.nearest(to: name, among: names).map { "Did you mean '\($0)'? " } ?? ""
        let known = names.isEmpty ? "There are no schedules." : "There are: \(names.sorted().joined(separator: ", "))."
        return WorldError(
            code: "not-found", operation: "find the schedule", underlying: "no schedule has the name \(name)",
            hint: near + known)
    }

    private static func find(_ name: String, _ schedules: [String: OnCallSchedule]) throws -> OnCallSchedule {
        guard let schedule = schedules[name] else { throw unknown(name, among: Array(schedules.keys)) }
        return schedule
    }

    private static func document(_ value: JSONValue) -> Document { (value, value.text) }

    /// From one moment to another.
    struct Period {
        var start: Moment
        var end: Moment

        var query: [(name: String, value: String)] { [("from", start.description), ("to", end.description)] }
    }
}

/// Where a command about schedules gets its answer.
struct OnCallSource: ParsableArguments {
    @OptionGroup var file: FileOption
    @Option(name: .customLong("env"), help: "With --file: the environment whose schedules count.")
    var environment: String?
    @OptionGroup var output: PlaneOutput

    func with<Value>(_ work: (OnCallBook) async throws -> Value) async throws -> Value {
        try await Self.with(file, environment, output.plane, work)
    }

    static func with<Value>(
        _ file: FileOption, _ environment: String?, _ plane: PlaneOptions,
        _ work: (OnCallBook) async throws -> Value
    ) async throws -> Value {
        guard file.file != nil else {
            guard environment == nil else { throw ValidationError("--env goes with --file.") }
            return try await plane.with { try await work(.plane($0)) }
        }
        let terminal = Terminal(environment: ProcessEnvironment.all)
        // What else is wrong with the platform does not change who is on call; gaps are a part of the answer.
        let project = try Project.read(file)
        if project.parsed.diagnostics.hasErrors {
            terminal.complain(
                TextReport(source: project.parsed.source, colour: terminal.colour).text(project.parsed.diagnostics))
            throw ExitCode(1)
        }
        let platform: Platform
        if environment == nil, let base = project.parsed.base {
            platform = base
        } else {
            platform = try project.environment(environment).platform
        }
        let zones = ZoneFiles()
        let rules = Rulebook(platform) { zones.rules($0) }
        if let unknown = platform.zones.sorted().first(where: { $0 != "UTC" && rules.zones[$0] == nil }) {
            throw WorldError(
                code: "no-zone", operation: "read the time zone \(unknown)",
                underlying: "this machine does not know it", hint: "`apt-get install tzdata` brings the zones.")
        }
        terminal.complain("From \(project.parsed.source.name) alone: overrides and absences are not known here.")
        return try await work(.file(rules.schedules, today: WallClock.machine.now))
    }

    /// Prints lines, those of gaps so that they are seen.
    func show(_ lines: [OnCallText.Line]) {
        let terminal = output.terminal
        for line in lines { terminal.line(line.isGap ? terminal.paint(line.text, .red) : line.text) }
    }
}

/// From when to when, by the clock of a schedule.
struct PeriodOption: ParsableArguments {
    @Option(help: "From when; now by default: \(MomentWish.help).") var from: MomentWish?
    @Option(help: "To when; four weeks later by default.") var to: MomentWish?

    func period(of name: String, _ book: OnCallBook) async throws -> OnCallBook.Period {
        var start = WallClock.machine.now
        if let from { start = try await book.moment(from, of: name) }
        var end = start + .seconds(28 * 86_400)
        if let to { end = try await book.moment(to, of: name) }
        guard start < end, end - start <= .seconds(366 * 86_400) else {
            throw ValidationError("--to is after --from, by a year at most.")
        }
        return OnCallBook.Period(start: start, end: end)
    }
}
