import Spec

/// Looking for keys and passwords in the files that git would commit and in everything that was ever committed, with gitleaks.
enum SecretScan {
    /// What git leaves out is left out: the files are listed by git and looked at in a copy, where an ignored `.env` is not.
    static let commands: [CommandLine] = [
        .shell(
            """
            mkdir -p "$HAUBAN_SCRATCH/tree" && git ls-files -coz --exclude-standard --deduplicate | \
            tar --create --null --files-from=- --ignore-failed-read 2>/dev/null | tar --extract --directory "$HAUBAN_SCRATCH/tree"
            """),
        .shell("cd \"$HAUBAN_SCRATCH/tree\" && gitleaks dir \(options) --report-path \"$HAUBAN_REPORTS/files.json\" ."),
        .shell("gitleaks git \(options) --report-path \"$HAUBAN_REPORTS/history.json\" ."),
    ]

    /// A find is no error of the scanner's: it exits with 0, and the gate reads what it found. Values are never written down.
    private static let options = "--no-banner --log-level warn --redact --exit-code 0 --report-format json"
}

/// Looking for known holes in an image, with whichever scanner is there.
enum ImageScan {
    static func line(_ image: String) -> String {
        let name = PipelineScripts.word(image)
        return """
            if command -v trivy >/dev/null; then
              trivy image --quiet --scanners vuln --format json --output "$HAUBAN_REPORTS/trivy.json" \(name) &&
                trivy image --quiet --format cyclonedx --output "$HAUBAN_REPORTS/sbom.cdx.json" \(name)
            elif command -v grype >/dev/null; then
              grype --quiet --output json --file "$HAUBAN_REPORTS/grype.json" docker:\(name)
            else
              echo "neither trivy nor grype is installed: the image was not scanned" >&2
              exit 127
            fi
            """
    }
}
