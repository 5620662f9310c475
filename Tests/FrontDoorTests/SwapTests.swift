import FrontDoor
import Testing

@Suite("The swap")
struct SwapTests {
    @Test("who connects while the front door starts waits for its configuration, and finds its route")
    func connectsDuringTheStart() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let service = try await TestService.start("r1")
        var configuration = DoorFixture.configuration(1, ["api": DoorFixture.service("r1", service.port)])
        let port = try await lastingPort()
        configuration.listeners[0].port = port
        for turn in 0..<10 {
            async let answered = Self.firstAnswer(port)
            // Storing the configuration on disk is what takes long between the bound address and the swap.
            let door = try await FrontDoor.start(
                configuration, threads: 1, stateFile: StateFile(path: "\(folder)/\(turn).json"))
            #expect(try await answered == 200)
            await door.stop(deadline: .zero)
        }
        await service.kill()
    }

    /// The status of the first answer that somebody gives on the port; who is refused comes again at once.
    private static func firstAnswer(_ port: Int) async throws -> Int {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(20)
        while clock.now < end {
            guard let client = try? await RawClient.connect(port) else { continue }
            let status = try await client.get("/x").status
            await client.close()
            return status
        }
        return 0
    }

    @Test("20 swaps under load: nothing fails, and no stopped release is asked")
    func swapsUnderLoad() async throws {
        var services: [TestService] = [try await TestService.start("r0")]
        try await DoorFixture.with(["api": DoorFixture.service("r0", services[0].port)]) { fixture in
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        var client = try await fixture.client()
                        while tally.isRunning {
                            do {
                                let keeps = number % 4 != 3
                                let response = try await client.get("/x", headers: keeps ? "" : "Connection: close\r\n")
                                tally.add()
                                if response.status != 200 {
                                    tally.fail("\(response.status) \(response.body)")
                                }
                                if !keeps {
                                    await client.close()
                                    client = try await fixture.client()
                                }
                            } catch {
                                tally.fail("\(error)")
                                client = try await fixture.client()
                            }
                        }
                        await client.close()
                    }
                }
                for number in 1...20 {
                    let next = try await TestService.start("r\(number)")
                    services.append(next)
                    try await fixture.door.apply(
                        DoorFixture.configuration(number + 1, ["api": DoorFixture.service("r\(number)", next.port)]))
                    // From the return of apply on, a new request must go to the new release.
                    let probe = try await fixture.client()
                    #expect(try await probe.get("/probe").body == "r\(number)")
                    await probe.close()
                    let held = await fixture.door.drain(
                        service: "api", release: "r\(number - 1)", deadline: .seconds(10))
                    #expect(held.isDrained)
                    services[number - 1].markStopped()
                    let before = tally.count
                    try await eventually("load goes on") { tally.count > before + 50 }
                }
                tally.end()
                try await group.waitForAll()
            }
            #expect(tally.failures == [])
            #expect(services.map(\.requestsAfterStop).reduce(0, +) == 0)
            #expect(tally.count > 1_000)
            let served = services.reduce(0) { $0 + $1.requests }
            let signals = await fixture.door.signals()
            #expect(signals.releases.reduce(0) { $0 + $1.requests } == served)
            #expect(signals.releases.allSatisfy { $0.inFlight == 0 })
        }
        for service in services { await service.kill() }
    }

    @Test("a request in flight finishes on the old release, and drain waits for it")
    func drain() async throws {
        let old = try await TestService.start("old")
        let new = try await TestService.start("new")
        try await DoorFixture.with(["api": DoorFixture.service("r1", old.port)]) { fixture in
            let slow = try await fixture.client()
            try await slow.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the old release has it") { old.requests == 1 }
            try await fixture.door.apply(DoorFixture.configuration(2, ["api": DoorFixture.service("r2", new.port)]))
            #expect(await fixture.door.drain(service: "api", release: "r1", deadline: .milliseconds(20)).inFlight == 1)
            #expect(try await fixture.signals("r1").state == .draining)
            let quick = try await fixture.client()
            #expect(try await quick.get("/").body == "new")
            old.release()
            #expect(await fixture.door.drain(service: "api", release: "r1", deadline: .seconds(10)).isDrained)
            #expect(try await slow.response().body == "held old")
            #expect(try await fixture.signals("r1").state == .drained)
            // The connection that the old release answered on now leads to the new one.
            #expect(try await slow.get("/").body == "new")
        }
        await old.kill()
        await new.kill()
    }

    @Test("what a release still holds after the drain time is cut and counted")
    func cut() async throws {
        let old = try await TestService.start("old")
        let new = try await TestService.start("new")
        let timeouts = FrontDoorConfiguration.Timeouts(drainMilliseconds: 150)
        try await DoorFixture.with(["api": DoorFixture.service("r1", old.port)], timeouts: timeouts) { fixture in
            let stuck = try await fixture.client()
            try await stuck.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the old release has it") { old.requests == 1 }
            try await fixture.door.apply(
                DoorFixture.configuration(2, ["api": DoorFixture.service("r2", new.port)], timeouts: timeouts))
            let response = try await stuck.response()
            #expect(response.status == 503)
            #expect(response["x-hauban-reason"] == "drain-deadline")
            #expect(try await fixture.signals("r1").cut == 1)
            #expect(try await fixture.signals("r1").inFlight == 0)
        }
        await old.kill()
        await new.kill()
    }

    @Test(
        "a drain may say when what is left is cut, counted from the switch, and is told what was; what serves is not cut"
    )
    func drainTime() async throws {
        let old = try await TestService.start("old")
        let new = try await TestService.start("new")
        try await DoorFixture.with(["api": DoorFixture.service("r1", old.port)]) { fixture in
            let stuck = try await fixture.client()
            try await stuck.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the old release has it") { old.requests == 1 }
            let early = await fixture.door.drain(
                service: "api", release: "r1", deadline: .milliseconds(150), cutAfter: .zero)
            #expect(early == DrainResult(inFlight: 1), "it serves")
            try await fixture.door.apply(DoorFixture.configuration(2, ["api": DoorFixture.service("r2", new.port)]))
            let drained = await fixture.door.drain(
                service: "api", release: "r1", deadline: .seconds(20), cutAfter: .milliseconds(50))
            #expect(drained == DrainResult(inFlight: 0, cut: CutCounts(requests: 1)))
            #expect(try await stuck.response()["x-hauban-reason"] == "drain-deadline")
            // The connection is as good as before.
            #expect(try await stuck.get("/").body == "new")
            #expect(
                await fixture.door.metrics().contains("hauban_requests_cut_total{service=\"api\",release=\"r1\"} 1"))
        }
        await old.kill()
        await new.kill()
    }

    @Test("what was cut is told in words")
    func words() {
        #expect(CutCounts().sentence == nil)
        #expect(CutCounts(requests: 1).sentence == "1 request was cut")
        #expect(CutCounts(requests: 2, webSockets: 1).sentence == "2 requests and 1 WebSocket were cut")
        #expect(
            CutCounts(requests: 1, webSockets: 2, tunnels: 1).sentence
                == "1 request, 2 WebSockets and 1 upgraded connection were cut")
    }

    @Test("a tunnel stays with its release through a swap, and is cut and counted after the drain time")
    func tunnels() async throws {
        let old = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"), .echo]
        }
        let new = try await TestService.start("new")
        let timeouts = FrontDoorConfiguration.Timeouts(drainMilliseconds: 5_000)
        try await DoorFixture.with(["api": DoorFixture.service("r1", old.port)], timeouts: timeouts) { fixture in
            let tunnel = try await fixture.client()
            let upgrade = "Connection: Upgrade\r\nUpgrade: echo\r\n"
            #expect(try await tunnel.get("/", headers: upgrade).status == 101)
            try await fixture.door.apply(
                DoorFixture.configuration(2, ["api": DoorFixture.service("r2", new.port)], timeouts: timeouts))
            try await tunnel.send("still")
            #expect(try await tunnel.read(5) == "still")
            #expect(try await fixture.signals("r1").inFlight == 1)
            try await tunnel.waitForEnd()
            try await eventually("the cut is counted") { try await fixture.signals("r1").cut == 1 }
            #expect(try await fixture.signals("r1").inFlight == 0)
        }
        await new.kill()
    }

    @Test("a release that returns while it drains is taken up again")
    func returned() async throws {
        let one = try await TestService.start("one")
        let two = try await TestService.start("two")
        try await DoorFixture.with(["api": DoorFixture.service("r1", one.port)]) { fixture in
            let client = try await fixture.client()
            #expect(try await client.get("/").body == "one")
            try await fixture.door.apply(DoorFixture.configuration(2, ["api": DoorFixture.service("r2", two.port)]))
            #expect(try await client.get("/").body == "two")
            try await fixture.door.apply(DoorFixture.configuration(3, ["api": DoorFixture.service("r1", one.port)]))
            #expect(try await client.get("/").body == "one")
            let signals = try await fixture.signals("r1")
            #expect(signals.state == .serving)
            #expect(signals.requests == 2)
        }
        await one.kill()
        await two.kill()
    }

    @Test("weights share the requests out, also in short runs")
    func weights() async throws {
        let stable = try await TestService.start("stable")
        let canary = try await TestService.start("canary")
        let idle = try await TestService.start("idle")
        let service = FrontDoorConfiguration.Service(releases: [
            DoorFixture.target("r1", weight: 90, [stable.port]), DoorFixture.target("r2", weight: 10, [canary.port]),
            DoorFixture.target("r3", weight: 0, [idle.port]),
        ])
        try await DoorFixture.with(["api": service]) { fixture in
            let client = try await fixture.client()
            for _ in 0..<100 { _ = try await client.get("/") }
            #expect((8...12).contains(canary.requests))
            #expect(stable.requests + canary.requests == 100)
            #expect(idle.requests == 0)
        }
        for service in [stable, canary, idle] { await service.kill() }
    }

    @Test("requests go to the replica that holds the fewest")
    func leastInFlight() async throws {
        let busy = try await TestService.start("busy")
        let free = try await TestService.start("free")
        try await DoorFixture.with(["api": DoorFixture.service("r1", busy.port, free.port)]) { fixture in
            var held: [RawClient] = []
            // One long request on each, then one replica is freed: what follows goes there.
            for _ in 0..<4 {
                let client = try await fixture.client()
                try await client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
                held.append(client)
            }
            try await eventually("all are in flight") { busy.requests + free.requests == 4 }
            #expect(busy.requests == 2)
            #expect(free.requests == 2)
            for client in held { await client.close() }
        }
        await busy.kill()
        await free.kill()
    }

    @Test("a replica that takes no connection is passed over for another")
    func deadReplica() async throws {
        let dead = try await TestService.start("dead", port: lastingPort())
        let alive = try await TestService.start("alive")
        await dead.kill()
        try await DoorFixture.with(["api": DoorFixture.service("r1", dead.port, alive.port)]) { fixture in
            let client = try await fixture.client()
            for _ in 0..<20 { #expect(try await client.get("/").body == "alive") }
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await client.response().body == "hi")
            #expect(try await fixture.signals().serverErrors == 0)
        }
        await alive.kill()
    }

    @Test("an idempotent request on a connection that dies is sent once more, another is not")
    func retry() async throws {
        // The service answers the first request of each connection and closes on the second.
        let service = try await ScriptedService.start { head, number in
            number % 2 == 0 || head.hasPrefix("POST")
                ? head.hasPrefix("POST") ? [.close] : [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
                : [.close]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            #expect(try await client.get("/").body == "ok")
            // Number 1 meets the kept connection's end; the retry is number 2.
            #expect(try await client.get("/").body == "ok")
            #expect(try await fixture.signals().retries == 1)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            #expect(try await client.response().status == 502)
            #expect(try await fixture.signals().retries == 1)
        }
    }

    @Test("a request that dies twice is answered 502, not sent a third time")
    func retryOnce() async throws {
        let tally = Tally()
        let service = try await ScriptedService.start { _, _ in
            tally.add()
            return [.close]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            #expect(try await client.get("/").status == 502)
            #expect(tally.count == 2)
        }
    }

    @Test("a replica that took no connection is asked again when the one in its place breaks meanwhile")
    func backMeanwhile() async throws {
        let port = try await lastingPort()
        let breaking = try await TestService.start("breaking")
        // The last replica is the first to be asked, and nobody is there yet.
        try await DoorFixture.with(["api": DoorFixture.service("r1", breaking.port, port)]) { fixture in
            let client = try await fixture.client()
            try await client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the other one has it") { breaking.requests == 1 }
            let back = try await TestService.start("back", port: port)
            back.release()
            await breaking.kill()
            #expect(try await client.response().body == "held back")
            await back.kill()
        }
    }

    @Test("a killed replica under load costs no request")
    func killedReplica() async throws {
        let one = try await TestService.start("one")
        let two = try await TestService.start("two")
        try await DoorFixture.with(["api": DoorFixture.service("r1", one.port, two.port)]) { fixture in
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let client = try await fixture.client()
                        for _ in 0..<200 {
                            let response = try await client.get("/x")
                            if response.status != 200 { tally.fail(response.body) }
                        }
                        await client.close()
                    }
                }
                try await eventually("both are busy") { one.requests > 50 && two.requests > 50 }
                await one.kill()
                try await group.waitForAll()
            }
            #expect(tally.failures == [])
        }
        await two.kill()
    }

    @Test("the release that stands in takes what no replica of the other takes, and only that; the failure is counted")
    func standIn() async throws {
        let old = try await TestService.start("old")
        let new = try await TestService.start("new", port: lastingPort())
        var target = DoorFixture.target("r1", weight: 0, [old.port])
        target.standsIn = true
        let service = FrontDoorConfiguration.Service(releases: [DoorFixture.target("r2", [new.port]), target])
        try await DoorFixture.with(["api": service]) { fixture in
            let client = try await fixture.client()
            for _ in 0..<10 { #expect(try await client.get("/").body == "new") }
            #expect(old.requests == 0)
            await new.kill()
            for _ in 0..<10 {
                let response = try await client.get("/")
                #expect(response.status == 200 && response.body == "old")
            }
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await client.response().body == "hi")
            let signals = try await fixture.signals("r2")
            #expect(signals.serverErrors >= 10, "it counts where it was")
            #expect(signals.inFlight == 0)
            #expect(try await fixture.signals("r1").requests == 11)
            #expect(await fixture.door.drain(service: "api", release: "r2", deadline: .seconds(1)).inFlight == 0)
        }
        await old.kill()
    }

    @Test(
        "a front door that starts again serves without the address that somebody else has, and takes it once it is free"
    )
    func takenAddress() async throws {
        let service = try await TestService.start("api")
        let stranger = try await TestService.start("stranger", port: lastingPort())
        var configuration = DoorFixture.configuration(1, ["api": DoorFixture.service("r1", service.port)])
        configuration.listeners[0].port = stranger.port
        configuration.listeners.append(
            .init(name: "inner", host: "127.0.0.1", port: try await lastingPort(), scope: .service("api")))
        let door = try await FrontDoor.start(configuration, threads: 2, isRestart: true)
        let lacking = await door.lackingListeners
        #expect(lacking == ["public": "Address already in use"])
        let inner = try await RawClient.connect(configuration.listeners[1].port)
        #expect(try await inner.get("/").body == "api")
        // A change of the configuration bears the lack too.
        configuration.generation = 2
        try await door.apply(configuration)
        await stranger.leave()
        try await eventually("the address is taken") { await door.lackingListeners.isEmpty }
        let client = try await RawClient.connect(configuration.listeners[0].port)
        #expect(try await client.get("/").body == "api")
        await door.stop(deadline: .milliseconds(100))
        await service.kill()
    }

    @Test("open listeners stay, new ones open before old ones close, and a taken port changes nothing")
    func listeners() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let kept = try await fixture.client()
            #expect(try await kept.get("/").status == 200)
            var next = DoorFixture.configuration(2, ["api": DoorFixture.service("r1", service.port)])
            next.listeners.append(
                .init(name: "second", host: "127.0.0.1", port: try await lastingPort(), scope: .service("api")))
            let applied = try await fixture.door.apply(next)
            #expect(applied.listeners[0].port == fixture.port)
            let other = try await RawClient.connect(applied.listeners[1].port)
            #expect(try await other.get("/").status == 200)
            #expect(try await kept.get("/").status == 200)

            let taken = try await TestService.start("taken")
            var refused = next
            refused.generation = 3
            refused.listeners.append(.init(name: "third", host: "127.0.0.1", port: taken.port, scope: .public))
            let error = await #expect(throws: FrontDoorError.self) { try await fixture.door.apply(refused) }
            #expect(error?.code == .bindFailed)
            #expect(error?.operation.contains("127.0.0.1:\(taken.port)") == true)
            #expect(await fixture.door.configuration.generation == 2)
            #expect(try await kept.get("/").status == 200)

            var without = next
            without.generation = 4
            without.listeners.removeLast()
            try await fixture.door.apply(without)
            try await other.waitForEnd()
            try await eventually("nobody listens") { await RawClient.refuses(applied.listeners[1].port) }
            #expect(try await kept.get("/").status == 200)
            await taken.kill()
        }
        await service.kill()
    }

    @Test("a stop lets requests in flight end and takes no more")
    func stop() async throws {
        let service = try await TestService.start()
        var configuration = DoorFixture.configuration(1, ["api": DoorFixture.service("r1", service.port)])
        let port = try await lastingPort()
        configuration.listeners[0].port = port
        let door = try await FrontDoor.start(configuration, threads: 2)
        let slow = try await RawClient.connect(port)
        let idle = try await RawClient.connect(port)
        try await slow.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually("the service has it") { service.requests == 1 }
        async let cut = door.stop(deadline: .seconds(10))
        try await idle.waitForEnd()
        service.release()
        let response = try await slow.response()
        #expect(response.body == "held one")
        #expect(response["connection"] == "close")
        await slow.close()
        #expect(await cut == 0)
        try await eventually("nobody listens") { await RawClient.refuses(port) }
        await service.kill()
    }
}
