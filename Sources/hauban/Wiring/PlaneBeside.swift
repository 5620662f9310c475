import ControlPlane
import Delivery
import FoundationEssentials
import Glibc
import Response
import Spec
import World

/// The control plane that `hauban up` runs in its own process, beside the platform.
struct PlaneBeside: Sendable {
    private let plane: ControlPlane
    private let data: String
    let url: String
    /// What ends releases that were broken off.
    let interrupted: InterruptedReleases?

    /// Starts it, unless this machine has one already.
    ///
    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - say: told in a line where it is, and what it leaves out.
    /// - Throws: `WorldError`
    static func start(
        _ project: Project, _ session: Session, port: Int, say: @escaping @Sendable (String) -> Void
    ) async throws -> PlaneBeside? {
        let data = LocalAccess.usualFolder
        let served = try ServedPlatform(project, environment: session.name.text, now: Moment(seconds: time(nil)))
        var settings = ControlPlaneConfiguration(rules: served.rules, version: Version.text) {
            UUID().uuidString.lowercased()
        }
        served.configure(&settings)
        settings.port = port
        let token = LocalAccess.newToken()
        settings.local = token
        try LocalAccess.makeFolder(data)
        let store: SQLiteStore
        do {
            store = try SQLiteStore(path: data + "/plane.sqlite")
        } catch let error as WorldError where error.code == "store-locked" {
            let other = LocalAccess.read(data).map { " at \($0.url)" } ?? ""
            say("control plane: the one that runs already\(other)")
            return nil
        }
        // The release that `up` begins with ends what was broken off.
        let remedies = try served.remedies(data: data, takesUp: false, say: say)
        let performer: any RemedyPerformer = if let remedies { remedies } else { NoRemedies() }
        let plane: ControlPlane
        do {
            try LocalAccess.announce(data)
            plane = try await ControlPlane.start(settings, store: store, remedies: performer)
        } catch {
            LocalAccess.remove(data)
            throw error
        }
        let beside = PlaneBeside(
            plane: plane, data: data, url: "http://127.0.0.1:\(plane.port)",
            interrupted: remedies?.interrupted)
        do {
            try LocalAccess(url: beside.url, token: token.exposed, serves: session.place.state).write(to: data)
            say("control plane: \(beside.url)")
            if let link = try await plane.openSetUp() {
                say("  the first administrator comes by \(beside.url)/set-up?token=\(link.exposed)")
            }
            if let gap = served.gap { say("  \(gap)") }
            session.tellReleases(data: data)
        } catch {
            await beside.stop()
            throw error
        }
        return beside
    }

    func stop() async {
        await plane.stop()
        LocalAccess.remove(data)
    }
}
