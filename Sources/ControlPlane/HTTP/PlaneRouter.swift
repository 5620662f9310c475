import FrontDoor

/// Which part of the control plane answers a request.
///
/// Belongs to one event loop. Alertmanager's own paths are decided on the buffers of the request; everything else takes it as
/// values.
final class PlaneRouter {
    private let alertmanager: AlertmanagerAPI
    private let report: SelfReport

    init(alertmanager: AlertmanagerAPI, report: SelfReport) {
        self.alertmanager = alertmanager
        self.report = report
    }

    func handle(_ request: RequestReader.Request, _ answer: @escaping (Answer) -> Void) {
        let path = request.path
        if path.hasPrefix("/api/v2/alerts") || path.hasPrefix("/api/v2") {
            return alertmanager.handle(request, answer)
        }
        if let found = report.answer(path) {
            guard request.method == .get || request.method == .head else {
                return answer(
                    Answer(status: 405, body: .text("Method Not Allowed\n"), fields: [("Allow", "GET, HEAD")]))
            }
            return answer(found)
        }
        answer(Answer(status: 404, body: .text("404 page not found\n")))
    }
}
