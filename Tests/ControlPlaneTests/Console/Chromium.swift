import Foundation
import Glibc
import Testing

/// A headless Chromium, told what to do over its DevTools protocol, which it speaks on two pipes: no port, no other program.
///
/// Used from one thread, which it blocks: see ``drive(_:)``.
final class Chromium {
    struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    /// One tab.
    struct Tab {
        let browser: Chromium
        let session: String

        @discardableResult
        func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
            try browser.call(method, parameters, session: session)
        }

        /// Opens an address, and waits until its page has loaded.
        func open(_ address: String) throws {
            browser.events.removeAll()
            let answer = try call("Page.navigate", ["url": address])
            if let error = answer["errorText"] as? String { throw Broken(description: "\(address): \(error)") }
            try browser.wait(for: "Page.loadEventFired", session: session)
        }

        /// Does what sends the browser elsewhere, and waits until the page has loaded.
        func leave(_ script: String) throws {
            browser.events.removeAll()
            _ = try evaluate(script)
            try browser.wait(for: "Page.loadEventFired", session: session)
        }

        /// The value of an expression, which may be a promise.
        @discardableResult
        func evaluate(_ script: String) throws -> Any? {
            let answer = try call(
                "Runtime.evaluate", ["expression": script, "awaitPromise": true, "returnByValue": true])
            if let problem = answer["exceptionDetails"] as? [String: Any] {
                let exception = problem["exception"] as? [String: Any]
                throw Broken(description: "\(script.prefix(200)): \(exception?["description"] ?? problem)")
            }
            return (answer["result"] as? [String: Any])?["value"]
        }

        func text(_ script: String) throws -> String { try evaluate(script) as? String ?? "" }

        /// Waits until an expression is true.
        func wait(_ script: String) throws {
            let end = Date(timeIntervalSinceNow: 60)
            while try evaluate("Boolean(\(script))") as? Bool != true {
                guard Date() < end else { throw Broken(description: "never true: \(script)") }
                usleep(20_000)
            }
        }

        /// - Parameters:
        ///   - isPhone: with a finger in the place of a mouse.
        ///   - isFine: with two points to a pixel.
        func resize(_ width: Int, _ height: Int, isPhone: Bool = false, isFine: Bool = false) throws {
            try call(
                "Emulation.setDeviceMetricsOverride",
                ["width": width, "height": height, "deviceScaleFactor": isFine ? 2 : 1, "mobile": isPhone])
        }

        func prefer(_ scheme: String) throws {
            try call(
                "Emulation.setEmulatedMedia",
                [
                    "features": [
                        ["name": "prefers-color-scheme", "value": scheme],
                        ["name": "prefers-reduced-motion", "value": "reduce"],
                    ]
                ])
        }

        func cookie(_ name: String, _ value: String, _ url: String) throws {
            try call("Network.setCookie", ["name": name, "value": value, "url": url])
        }

        /// Presses a key as a person does.
        func press(_ key: String) throws {
            for type in ["keyDown", "keyUp"] {
                var parameters: [String: Any] = ["type": type, "key": key]
                if type == "keyDown", key.count == 1 { parameters["text"] = key }
                try call("Input.dispatchKeyEvent", parameters)
            }
        }

        /// The whole page as a PNG file.
        func shoot(_ path: String) throws {
            let answer = try call("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
            guard let text = answer["data"] as? String, let bytes = Data(base64Encoded: text) else {
                throw Broken(description: "no picture")
            }
            try bytes.write(to: URL(fileURLWithPath: path))
        }
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let folder: String
    private var number = 0
    private var unread: [UInt8] = []
    fileprivate(set) var events: [(method: String, session: String?, parameters: [String: Any])] = []

    private init() throws {
        folder = NSTemporaryDirectory() + "hauban-chromium-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The protocol's pipes are the descriptors 3 and 4.
        process.arguments = [
            "-c",
            "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run "
                + "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars "
                + "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --user-data-dir=\"$0\" "
                + "--remote-debugging-pipe about:blank 3<&0 4>&1 0</dev/null 1>/dev/null 2>\"$0/log\"",
            folder,
        ]
        var environment = ProcessInfo.processInfo.environment
        environment["HOME"] = folder
        process.environment = environment
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Runs a body with a browser on a thread of its own, since the pool of tasks has no threads to be blocked, and ends the
    /// browser whatever happened.
    static func drive<Result: Sendable>(_ body: @escaping @Sendable (Chromium) throws -> Result) async throws -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Swift.Result {
                        let browser = try Chromium()
                        defer { browser.end() }
                        return try body(browser)
                    })
            }
        }
    }

    private func end() {
        _ = try? call("Browser.close")
        try? input.fileHandleForWriting.close()
        let end = Date(timeIntervalSinceNow: 60)
        while process.isRunning, Date() < end { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func tab() throws -> Tab {
        let target = try call("Target.createTarget", ["url": "about:blank"])
        let attached = try call(
            "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
        guard let session = attached["sessionId"] as? String else { throw Broken(description: "no tab") }
        let tab = Tab(browser: self, session: session)
        for domain in ["Page", "Runtime", "Network", "Log"] { try tab.call("\(domain).enable") }
        return tab
    }

    // MARK: The protocol

    @discardableResult
    fileprivate func call(
        _ method: String, _ parameters: [String: Any] = [:], session: String? = nil
    ) throws -> [String: Any] {
        number += 1
        var message: [String: Any] = ["id": number, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        var bytes = Array(try JSONSerialization.data(withJSONObject: message))
        bytes.append(0)
        let descriptor = input.fileHandleForWriting.fileDescriptor
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Broken(description: "the browser is gone: \(log)") }
            sent += count
        }
        while true {
            let answer = try next()
            guard answer["id"] as? Int == number else { continue }
            if let error = answer["error"] as? [String: Any] {
                throw Broken(description: "\(method): \(error["message"] ?? error)")
            }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    fileprivate func wait(for method: String, session: String) throws {
        let isThere = { (self.events.contains { $0.method == method && $0.session == session }) }
        while !isThere() { _ = try next() }
    }

    /// The next message; events are kept.
    private func next() throws -> [String: Any] {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while true {
            if let end = unread.firstIndex(of: 0) {
                let message = try JSONSerialization.jsonObject(with: Data(unread[..<end])) as? [String: Any] ?? [:]
                unread.removeFirst(end + 1)
                if let method = message["method"] as? String {
                    events.append(
                        (method, message["sessionId"] as? String, message["params"] as? [String: Any] ?? [:]))
                }
                return message
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 60_000) > 0 else { throw Broken(description: "no answer for a minute: \(log)") }
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { throw Broken(description: "the browser ended: \(log)") }
            unread += buffer[..<count]
        }
    }

    private var log: String {
        let text = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        return String(text.suffix(1000))
    }
}
