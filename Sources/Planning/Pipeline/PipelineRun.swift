/// A pipeline on its way: which step may start, which has to end, and what became of each.
///
/// A value without a clock: `now` is the time since the run began, and each event answers with what has to be done next.
package struct PipelineRun: Sendable {
    /// What came about.
    package enum Event: Sendable, Hashable {
        case begin
        /// Whether a result that still holds was found for a step.
        case looked(StepID, isKept: Bool)
        /// All processes of a step are gone.
        case ended(StepID, Ending)
        /// Time has passed.
        case tick
        /// Somebody wants it to stop; the second time at once.
        case cancel
    }

    /// How one try ended.
    package enum Ending: Sendable, Hashable {
        case passed
        case failed(String)
    }

    /// What the caller has to do.
    package enum Action: Sendable, Hashable {
        /// Find out whether an earlier result still holds.
        case look(StepID)
        case run(StepID, attempt: Int)
        /// Ask everything that the step started to end.
        case terminate(StepID)
        /// End everything that the step started.
        case kill(StepID)
        /// Nothing comes after it for this step.
        case settled(StepID, Outcome)
        /// Nothing comes after it at all.
        case finished(Verdict)
    }

    /// What became of a step.
    package enum Outcome: Sendable, Hashable {
        case passed
        /// An earlier result holds.
        case kept
        case failed(String)
        /// Not done within its time.
        case late(Duration)
        /// What it needs did not come about, in the end because of this step.
        case skipped(because: StepID)
        case cancelled

        package var isGood: Bool {
            switch self {
            case .passed, .kept: true
            case .failed, .late, .skipped, .cancelled: false
            }
        }
    }

    package enum Verdict: String, Sendable, Hashable, Codable {
        case passed, failed, cancelled
    }

    private enum Phase: Sendable, Hashable {
        case waiting
        case looking
        case running(attempt: Int, until: Duration)
        /// Asked to end; killed at that time.
        case ending(Cause, killAt: Duration)
        case killing(Cause)
        case settled(Outcome)
    }

    private enum Cause: Sendable, Hashable {
        case late(attempt: Int)
        case cancelled
    }

    package let graph: PipelineGraph
    /// How many steps may be at work at once.
    package let jobs: Int
    private var phases: [Phase]
    /// Needs that are not good yet.
    private var open: [Int]
    private let dependants: [[Int]]
    /// Waiting ones with all they need, by place.
    private var ready: [Int] = []
    private var active = 0
    private var unsettled: Int
    private var hasBegun = false
    private var isCancelled = false
    private var isFinished = false

    package init(_ graph: PipelineGraph, jobs: Int) {
        precondition(jobs > 0, "a pipeline without a job never ends")
        self.graph = graph
        self.jobs = jobs
        phases = [Phase](repeating: .waiting, count: graph.steps.count)
        open = graph.needs.map(\.count)
        var dependants = [[Int]](repeating: [], count: graph.steps.count)
        for (place, needs) in graph.needs.enumerated() {
            for need in needs { dependants[need].append(place) }
        }
        self.dependants = dependants
        unsettled = graph.steps.count
    }

    /// When to tick next; `nil` when no step has a limit to pass.
    package var nextDeadline: Duration? {
        phases.compactMap { phase in
            switch phase {
            case .running(_, let until): until
            case .ending(_, let killAt): killAt
            case .waiting, .looking, .killing, .settled: nil
            }
        }.min()
    }

    /// What became of a step; `nil` while that is open.
    package func outcome(of id: StepID) -> Outcome? {
        guard let place = graph.places[id], case .settled(let outcome) = phases[place] else { return nil }
        return outcome
    }

    /// Steps at work, in the graph's order.
    package var atWork: [StepID] {
        zip(graph.steps, phases).compactMap { step, phase in
            switch phase {
            case .running, .ending, .killing: step.id
            case .waiting, .looking, .settled: nil
            }
        }
    }

    package var settledCount: Int { graph.steps.count - unsettled }

    /// Takes what came about; news of a step that is not in that state is old and changes nothing.
    package mutating func event(_ event: Event, now: Duration) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .begin:
            guard !hasBegun else { return [] }
            hasBegun = true
            ready = open.indices.filter { open[$0] == 0 }
        case .looked(let id, let isKept): looked(id, isKept, now, &actions)
        case .ended(let id, let ending): ended(id, ending, now, &actions)
        case .tick: tick(now, &actions)
        case .cancel: cancel(now, &actions)
        }
        startReady(&actions)
        if hasBegun || isCancelled, unsettled == 0, !isFinished {
            isFinished = true
            actions.append(.finished(verdict))
        }
        return actions
    }

    private var verdict: Verdict {
        if isCancelled, phases.contains(.settled(.cancelled)) { return .cancelled }
        let isGood = phases.allSatisfy { phase in
            if case .settled(let outcome) = phase { outcome.isGood } else { false }
        }
        return isGood ? .passed : .failed
    }

    // MARK: Events

    private mutating func looked(_ id: StepID, _ isKept: Bool, _ now: Duration, _ actions: inout [Action]) {
        guard let place = graph.places[id], phases[place] == .looking else { return }
        if isCancelled {
            settle(place, .cancelled, &actions)
        } else if isKept {
            settle(place, .kept, &actions)
        } else {
            start(place, attempt: 1, now, &actions)
        }
    }

    private mutating func ended(_ id: StepID, _ ending: Ending, _ now: Duration, _ actions: inout [Action]) {
        guard let place = graph.places[id] else { return }
        let step = graph.steps[place]
        switch phases[place] {
        case .running(let attempt, _):
            switch ending {
            case .passed: settle(place, .passed, &actions)
            case .failed where attempt <= step.retries: start(place, attempt: attempt + 1, now, &actions)
            case .failed(let reason): settle(place, .failed(reason), &actions)
            }
        case .ending(.late(let attempt), _), .killing(.late(let attempt)):
            // One that ends well after its time was over is late all the same: nobody knows what the wish to end did to it.
            if attempt <= step.retries {
                start(place, attempt: attempt + 1, now, &actions)
            } else {
                settle(place, .late(step.timeout), &actions)
            }
        case .ending(.cancelled, _), .killing(.cancelled): settle(place, .cancelled, &actions)
        case .waiting, .looking, .settled: return
        }
    }

    private mutating func tick(_ now: Duration, _ actions: inout [Action]) {
        for place in phases.indices {
            switch phases[place] {
            case .running(let attempt, let until) where until <= now:
                phases[place] = .ending(.late(attempt: attempt), killAt: now + graph.steps[place].grace)
                actions.append(.terminate(graph.steps[place].id))
            case .ending(let cause, let killAt) where killAt <= now:
                phases[place] = .killing(cause)
                actions.append(.kill(graph.steps[place].id))
            case .waiting, .looking, .running, .ending, .killing, .settled: break
            }
        }
    }

    private mutating func cancel(_ now: Duration, _ actions: inout [Action]) {
        let isSecond = isCancelled
        isCancelled = true
        ready = []
        for place in phases.indices {
            switch phases[place] {
            case .waiting: settle(place, .cancelled, &actions)
            case .running:
                phases[place] = .ending(.cancelled, killAt: now + graph.steps[place].grace)
                actions.append(.terminate(graph.steps[place].id))
            case .ending(_, let killAt):
                // What was late is not tried again either.
                phases[place] = isSecond ? .killing(.cancelled) : .ending(.cancelled, killAt: killAt)
                if isSecond { actions.append(.kill(graph.steps[place].id)) }
            case .killing: phases[place] = .killing(.cancelled)
            case .looking, .settled: break
            }
        }
    }

    // MARK: Steps

    private mutating func startReady(_ actions: inout [Action]) {
        guard !isCancelled else { return }
        while active < jobs, !ready.isEmpty {
            let place = ready.removeFirst()
            active += 1
            phases[place] = .looking
            actions.append(.look(graph.steps[place].id))
        }
    }

    private mutating func start(_ place: Int, attempt: Int, _ now: Duration, _ actions: inout [Action]) {
        let step = graph.steps[place]
        phases[place] = .running(attempt: attempt, until: now + step.timeout)
        actions.append(.run(step.id, attempt: attempt))
    }

    private mutating func settle(_ place: Int, _ outcome: Outcome, _ actions: inout [Action]) {
        var left: [(place: Int, outcome: Outcome)] = [(place, outcome)]
        while let (place, outcome) = left.popLast() {
            switch phases[place] {
            case .settled: continue
            case .waiting: break
            case .looking, .running, .ending, .killing: active -= 1
            }
            phases[place] = .settled(outcome)
            unsettled -= 1
            actions.append(.settled(graph.steps[place].id, outcome))
            for dependant in dependants[place] {
                switch outcome {
                case .passed, .kept:
                    open[dependant] -= 1
                    if open[dependant] == 0, phases[dependant] == .waiting { makeReady(dependant) }
                case .failed, .late: left.append((dependant, .skipped(because: graph.steps[place].id)))
                case .skipped: left.append((dependant, outcome))
                case .cancelled: left.append((dependant, .cancelled))
                }
            }
        }
    }

    private mutating func makeReady(_ place: Int) {
        let index = ready.firstIndex { $0 > place } ?? ready.endIndex
        ready.insert(place, at: index)
    }
}

extension PipelineRun.Outcome {
    /// For a person, one clause.
    package var text: String {
        switch self {
        case .passed: "passed"
        case .kept: "unchanged"
        case .failed(let reason): "failed: \(reason)"
        case .late(let limit): "failed: not done within \(limit.inWords)"
        case .skipped(let because): "skipped: \(because) failed"
        case .cancelled: "cancelled"
        }
    }

    /// One stable word for programs.
    package var word: String {
        switch self {
        case .passed: "passed"
        case .kept: "kept"
        case .failed: "failed"
        case .late: "late"
        case .skipped: "skipped"
        case .cancelled: "cancelled"
        }
    }
}
