package import Planning
import World

/// Looks at a server and makes it what a plan says, step by step.
///
/// Nothing is remembered between steps: what is still to be done is found by looking again, so that a run that was killed is ended by the
/// next one.
package struct HostPreparer: Sendable {
    private let session: HostSession
    private let account: String
    /// What the server waits for a new session before it takes the firewall's rules back.
    private let patience: Duration

    package init(_ session: HostSession, account: String, patience: Duration = .seconds(60)) {
        self.session = session
        self.account = account
        self.patience = patience
    }

    /// What the server is now; nothing is changed.
    ///
    /// - Throws: `WorldError`
    package func look() async throws -> HostFacts {
        // Nothing on the server can have been written with it.
        let mark = "@@" + String(UInt64.random(in: .min ... .max), radix: 16)
        let answer = try await session.run(HostProbe.words(mark: mark, account: account), [], .seconds(180))
        guard !answer.isLate, !answer.isCut, let facts = HostFacts(probe: answer.output, mark: mark) else {
            throw WorldError(
                code: "host-answer-invalid", operation: "look at \(session.name)",
                underlying: answer.isLate ? "it did not answer within 180 s" : "what it answered has no end",
                hint:
                    "Does `ssh \(session.name) true` print anything? A login that writes must not do so without a terminal."
            )
        }
        return facts
    }

    /// Takes one step.
    ///
    /// - Throws: `WorldError`; what was done before stays done.
    package func take(_ step: HostStep) async throws {
        switch step {
        case .run(let words, let deadline): try await insist(words, [], deadline, step)
        case .write(let file): try await write(file, step)
        case .guarded(let apply, let undo): try await guardedly(apply, undo, step)
        }
    }

    /// The whole of it beside the file, then in its place; a connection that breaks off leaves the old one.
    private func write(_ file: HostFile, _ step: HostStep) async throws {
        let script = #"""
            set -eu
            umask 077
            folder=$(dirname "$1")
            [ -d "$folder" ] || (umask 022; mkdir -p "$folder")
            cat >"$1.hauban-new"
            [ "$(wc -c <"$1.hauban-new")" -eq "$4" ] || { rm -f "$1.hauban-new"; echo "it broke off" >&2; exit 1; }
            chown "$3:" "$1.hauban-new"
            chmod "$2" "$1.hauban-new"
            sync "$1.hauban-new"
            mv -f "$1.hauban-new" "$1"
            sync "$folder"
            """#
        let bytes = Array(file.content.utf8)
        try await insist(
            ["/bin/sh", "-c", script, "sh", file.path, file.mode, file.owner, "\(bytes.count)"], bytes, .seconds(60),
            step)
    }

    /// The server undoes it by itself unless a session that is opened afterwards tells it not to.
    private func guardedly(_ apply: String, _ undo: String, _ step: HostStep) async throws {
        let kept = "/run/hauban-kept.\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let script = #"""
            set -eu
            setsid sh -c 'sleep "$2"; if [ -e "$1" ]; then rm -f "$1"; else eval "$3"; fi' sh "$1" "$2" "$4" \
                </dev/null >/dev/null 2>&1 &
            eval "$3"
            """#
        let seconds = "\(max(1, patience.components.seconds))"
        try await insist(["/bin/sh", "-c", script, "sh", kept, seconds, apply, undo], [], .seconds(60), step)
        let answer = try? await session.runAnew(["touch", kept], patience)
        guard answer?.isSuccess == true else {
            throw WorldError(
                code: "host-locks-out", operation: "\(step.text) on \(session.name)",
                underlying: "no new session could be opened afterwards",
                hint:
                    "The server takes the rules back by itself within \(seconds) s. At which port does its ssh answer from here? "
                    + "--allow keeps one open.")
        }
    }

    private func insist(_ words: [String], _ input: [UInt8], _ deadline: Duration, _ step: HostStep) async throws {
        let answer = try await session.run(words, input, deadline)
        guard !answer.isSuccess else { return }
        let said = (answer.errors.isEmpty ? answer.output : answer.errors).split(whereSeparator: \.isNewline)
        let last = Printable.text(said.suffix(6).joined(separator: "; "), limit: 600)
        throw WorldError(
            code: "host-step-failed", operation: "\(step.text) on \(session.name)",
            underlying: answer.isLate
                ? "it did not end within \(deadline.inWords)" : last.isEmpty ? "it \(answer.status)" : last,
            hint: "What was done before stays done; the same command goes on from here.")
    }
}
