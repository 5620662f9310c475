import Spec

extension Guideline {
    static let shortWatch = Guideline(
        id: "short-watch",
        title: "A release that is kept before it could fail",
        reason: "The first errors of a release come with the first requests of each kind, and with the caches that "
            + "fill. Half a minute sees neither.",
        fix: "Watch for a minute at least: `release: {watch: 1m}`.",
        serves: ["CE-2.4"], levels: .production(.warning),
        judge: .platform { context in
            guard context.platform.release.watch < .seconds(30), context.isKnown("release.watch") else { return [] }
            return [
                context.flag(
                    "a release is watched for \(DurationText.text(context.platform.release.watch))", at: "release.watch"
                )
            ]
        },
        bad: """
            release: {watch: 10s}
            environments: {prod: {target: docker}}
            """,
        good: """
            release: {watch: 1m}
            environments: {prod: {target: docker}}
            """)
}
