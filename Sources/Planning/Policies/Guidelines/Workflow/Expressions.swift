/// The `${{ … }}` of a script, and which of them hold what strangers write (GitHub, "Script injections").
struct Expressions {
    private let text: String

    init(_ text: String) { self.text = text }

    /// Expressions with a value that whoever opens an issue or sends a change in chooses freely, as written.
    var foreign: [String] {
        all.filter { expression in
            let inside = expression.filter { $0 != " " }
            return Self.marks.contains { mark in
                inside.ranges(of: mark).contains { range in
                    // `github.head_ref_name` is another context.
                    let next = inside[range.upperBound...].first
                    return next.map { !$0.isLetter && !$0.isNumber && $0 != "_" } ?? true
                }
            } || Self.isOfCommits(inside)
        }
    }

    private var all: [String] {
        var found: [String] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "${{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            found.append(String(rest[open.lowerBound..<close.upperBound]))
            rest = rest[close.upperBound...]
        }
        return found
    }

    private static let marks = [
        "github.event.issue.title", "github.event.issue.body", "github.event.pull_request.title",
        "github.event.pull_request.body", "github.event.comment.body", "github.event.review.body",
        "github.event.review_comment.body", "github.event.discussion.title", "github.event.discussion.body",
        "github.event.pull_request.head.ref", "github.event.pull_request.head.label",
        "github.event.pull_request.head.repo.default_branch", "github.event.head_commit.message",
        "github.event.head_commit.author.email", "github.event.head_commit.author.name",
        "github.event.workflow_run.head_branch", "github.event.workflow_run.display_title",
        "github.event.workflow_run.head_commit.message", "github.event.release.name", "github.event.release.body",
        "github.head_ref",
    ]

    private static func isOfCommits(_ text: String) -> Bool {
        let isOf = text.contains("github.event.commits") || text.contains("github.event.pages")
        return isOf && ["message", "author.email", "author.name", "page_name"].contains { text.contains($0) }
    }
}
