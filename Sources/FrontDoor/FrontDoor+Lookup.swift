import NIOPosix

/// Replicas that are found by name.
extension FrontDoor {
    /// Asks once a second where the replicas are that have a lookup, on threads of its own: a resolver may take its time.
    func lookAgainAndAgain() {
        looking = Task {
            var threads: NIOThreadPool?
            while (try? await ContinuousClock().sleep(for: .seconds(1))) != nil {
                let wanted = configurationInForce.lookups
                guard !wanted.isEmpty else { continue }
                let pool = threads ?? NIOThreadPool(numberOfThreads: 2)
                if threads == nil { pool.start() }
                threads = pool
                let resolver = resolver
                var answers: [FrontDoorConfiguration.Lookup: [String]] = [:]
                for lookup in wanted {
                    // No answer says nothing: what was found last is served on.
                    guard let addresses = try? await pool.runIfActive({ resolver.addresses(lookup.name) }),
                        !addresses.isEmpty
                    else { continue }
                    answers[lookup] = addresses
                }
                await take(answers)
            }
            try? await threads?.shutdownGracefully()
        }
    }

    func take(_ answers: [FrontDoorConfiguration.Lookup: [String]]) async {
        // In turn with the changes of configuration, which swap too.
        let before = lastChange
        let change = Task {
            await before?.value
            await self.adopt(answers)
        }
        lastChange = change
        await change.value
    }

    func adopt(_ answers: [FrontDoorConfiguration.Lookup: [String]]) async {
        guard !isStopped else { return }
        let wanted = configurationInForce.lookups
        let now = found.merging(answers) { $1 }.filter { wanted.contains($0.key) }
        let changed = now.filter { found[$0.key] != $0.value }
        found = now
        guard !changed.isEmpty else { return }
        await swap(
            configurationInForce,
            listenerNumbers: Dictionary(uniqueKeysWithValues: listeners.map { ($0.name, $0.number) }),
            secure: keeper.secure)
        let lines = changed.sorted { $0.key.name < $1.key.name }.map {
            "\($0.key.name) is \($0.value.joined(separator: ", ")), port \($0.key.port)"
        }
        let report = traffic.report
        traffic.logThread.submit { _ in
            for line in lines { report(line) }
        }
    }
}
