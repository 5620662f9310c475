import Spec

extension Guideline {
    static let composeLatest = Guideline(
        id: "compose-latest",
        title: "An image that may be another one tomorrow",
        reason: "An image without a tag, or with one that moves, is whatever was pulled last: two machines run "
            + "different things under one name, and going back brings the same new image.",
        fix: "Name a version or a digest.",
        serves: ["SF-15", "IP-04"], levels: .everywhere(.warning),
        judge: .compose { file in
            file.services.compactMap { service in
                // An image that is built here has the name that its builder gives.
                guard let image = service.image, service.node.entry("build") == nil, !image.text.contains("$"),
                    let tag = ImageText(image.text).moving
                else { return nil }
                return file.flag(
                    tag.isEmpty ? "`\(image.text)` has no tag" : "the tag `\(tag)` of `\(image.text)` moves",
                    at: image.span)
            }
        },
        bad: """
            services:
              web:
                image: nginx
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
            """,
        good: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
            """)
}
