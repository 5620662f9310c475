/// What a release does next, from its plan and what became of its steps.
///
/// A state machine without effects: the executor performs an action, journals it, and feeds back the event. Built again from
/// the journal's records, it goes on where an interrupted one stopped.
package struct ReleaseRun: Hashable, Sendable {
    /// What the journal knows of a step.
    package enum StepState: String, Codable, Hashable, Sendable {
        /// Written before it is taken: after a crash, nobody knows whether it was.
        case begun
        case done
        case failed
        /// Its undo was begun.
        case undoing
        case undone
        case undoFailed = "undo-failed"
    }

    /// Where the whole release is.
    package enum State: Hashable, Sendable {
        /// Towards the new version.
        case forward
        /// Back to what served before, and why.
        case returning(ReleaseFailure)
        /// Kept; what it replaced goes.
        case settling
        case ended(Verdict)
    }

    /// What happened.
    package enum Event: Hashable, Sendable {
        case succeeded(String)
        case failed(String, ReleaseFailure)
        /// Notes of a passed watch.
        case noted([String])
        /// The decision to keep is on disk.
        case keepRecorded
        case undone(String)
        case undoFailed(String, message: String)
        case cancelled
        /// Return it, unless it is kept already.
        case abandoned
        /// Everything of the environment was stopped: there is nothing left to go on with, or to return.
        case stopped
    }

    /// What to do about it.
    package enum Action: Hashable, Sendable {
        case perform(Step)
        /// Take the first back by performing the second.
        case undo(Step, by: Step)
        /// Write down that it is kept; from there on nothing returns it.
        case keep
        case end(Verdict)
    }

    package let plan: Plan
    package private(set) var state: State
    package private(set) var steps: [String: StepState]
    /// What should be said about it once it is kept.
    package private(set) var notes: [String]
    private var left: [String] = []

    /// - Parameters:
    ///   - steps: what the journal knows; empty for a new release.
    ///   - state: where the journal says it was.
    package init(plan: Plan, steps: [String: StepState] = [:], state: State = .forward, notes: [String] = []) {
        self.plan = plan
        // An undo that failed before the interruption is tried again.
        self.steps = steps.mapValues { $0 == .undoFailed ? .undoing : $0 }
        self.state = state
        self.notes = notes
    }

    /// The steps that are in force, certainly or perhaps: begun or done, and not taken back.
    package var inForce: Set<String> {
        Set(
            steps.filter {
                switch $0.value {
                case .begun, .done, .failed, .undoing, .undoFailed: true
                case .undone: false
                }
            }.keys)
    }

    /// Whether the new version serves whole, so that only judging it is left.
    package var isSwitched: Bool {
        plan.steps.allSatisfy { $0.phase >= .judge || steps[$0.id] == .done }
    }

    /// Takes one event into account.
    package mutating func take(_ event: Event) {
        switch event {
        case .noted(let new): notes += new
        case .succeeded(let id): steps[id] = .done
        case .failed(let id, let failure):
            steps[id] = .failed
            switch state {
            case .forward: state = .returning(failure)
            // A kept release stays kept: what could not go is named, and goes with the next one.
            case .settling: notes.append("\(failure.text); the next deploy tries again")
            case .returning, .ended: break
            }
        case .keepRecorded: if case .forward = state { state = .settling }
        case .undone(let id): steps[id] = .undone
        case .undoFailed(let id, let message):
            steps[id] = .undoFailed
            left.append(message)
        case .cancelled: if case .forward = state { state = .returning(.cancelled) }
        case .abandoned: if case .forward = state { state = .returning(.abandoned) }
        case .stopped:
            switch state {
            case .forward: state = .ended(.returned(.abandoned))
            case .returning(let failure): state = .ended(.returned(failure))
            case .settling: state = .ended(.kept(notes: notes))
            case .ended: break
            }
        }
    }

    /// What to do now; a step that it names counts as begun.
    package mutating func next() -> Action {
        switch state {
        case .ended(let verdict): return .end(verdict)
        case .forward:
            if let step = plan.steps.first(where: { steps[$0.id] != .done && $0.phase < .settle }) {
                steps[step.id] = .begun
                return .perform(step)
            }
            return .keep
        case .settling:
            let step = plan.steps.first {
                $0.phase == .settle && steps[$0.id] != .done && steps[$0.id] != .failed
            }
            guard let step else { return end(.kept(notes: notes)) }
            steps[step.id] = .begun
            return .perform(step)
        case .returning(let failure):
            for step in undoOrder {
                guard let inverse = step.inverse, !isStillNeeded(step) else { continue }
                switch steps[step.id] {
                case nil, .undone, .undoFailed: continue
                case .begun, .done, .failed, .undoing:
                    steps[step.id] = .undoing
                    return .undo(step, by: inverse)
                }
            }
            return end(left.isEmpty ? .returned(failure) : .failed(failure, left: left))
        }
    }

    /// Whether requests still go to what the step started, because switching back failed: it has to go on serving.
    private func isStillNeeded(_ step: Step) -> Bool {
        step.action == .start
            && plan.steps.contains {
                ($0.action == .switchTraffic || $0.action == .shift) && steps[$0.id] == .undoFailed
                    && !Set($0.target.services).isDisjoint(with: step.target.services)
            }
    }

    /// Traffic first where the old replicas still run, so that users wait for nothing else; then the rest in reverse.
    private var undoOrder: [Step] {
        let stopped = Set(plan.steps.filter { $0.action == .stopFirst }.flatMap(\.target.services))
        let reversed = plan.steps.reversed()
        func isTraffic(_ step: Step) -> Bool {
            (step.action == .switchTraffic || step.action == .shift || step.action == .withdraw)
                && stopped.isDisjoint(with: step.target.services)
        }
        return reversed.filter(isTraffic) + reversed.filter { !isTraffic($0) }
    }

    private mutating func end(_ verdict: Verdict) -> Action {
        state = .ended(verdict)
        return .end(verdict)
    }
}
