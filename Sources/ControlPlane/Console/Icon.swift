/// Small drawings of one colour, 16 by 16, that say nothing by themselves.
enum Icon: Sendable {
    case overview, incident, bell, phone, rocket, muted, wrench, plug, people, scroll, user, menu, chart
    case critical, high, medium, low
    case ok, clock, tag, link, mast, play, note, page, flame

    var html: HTML {
        "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\" focusable=\"false\">\(raw: shape)</svg>"
    }

    private var shape: String {
        switch self {
        case .overview: Self.line("M2.5 2.5h4.5v5H2.5zM9 2.5h4.5v3H9zM9 8h4.5v5.500H9zM2.500 10H7v3.500H2.500z")
        case .incident: Self.line("M8 2 1.800 13.500h12.400zM8 6.300v3.400M8 11.600v.200")
        case .bell: Self.line("M4 11V7a4 4 0 0 1 8 0v4l1.300 1.500H2.700zM6.700 14.300h2.600")
        case .phone:
            Self.line(
                "M5 2H3.200C2.500 2 2 2.600 2 3.300 2.600 9 7 13.400 12.700 14c.700 0 1.300-.500 1.300-1.200V11l-3.200-1.200-1.300 1.400A8 8 0 0 1 4.800 6.500L6.200 5.200z"
            )
        case .rocket:
            Self.line(
                "M6 10 4 8c1-3.500 4-6 9.500-5.500C14 8 11.500 11 8 12zM5 8.500 2.500 9l1.500 1.500M7.500 11 7 13.500 5.500 12M10 6v.100"
            )
        case .muted: Self.line("M4 11V7a4 4 0 0 1 6.800-2.800M12 7.500V11l1.300 1.500H5M6.700 14.300h2.600M2 14 14 2")
        case .wrench:
            Self.line(
                "M13.700 4.300 11.500 6.500l-2-2 2.200-2.200a3.700 3.700 0 0 0-4.800 4.800L2.300 11.700l2 2 4.600-4.600a3.700 3.700 0 0 0 4.800-4.800z"
            )
        case .plug: Self.line("M5.500 2v3M10.500 2v3M3.500 5h9v3a4.500 4.500 0 0 1-9 0zM8 12.500V15")
        case .people:
            Self.line(
                "M6 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM1.500 13.500c0-2.500 2-4 4.500-4s4.500 1.500 4.500 4M10.500 2.800a2.500 2.500 0 0 1 0 4.400M12 9.800c1.600.600 2.500 1.900 2.500 3.700"
            )
        case .scroll: Self.line("M4 2h8v12H4zM6 5h4M6 8h4M6 11h2.500")
        case .user:
            Self.line(
                "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.500 14c0-2.800 2.500-4.300 5.500-4.300s5.500 1.500 5.500 4.300")
        case .chart: Self.line("M2 14h12M4 11.500V8M8 11.500V3M12 11.500V6")
        case .menu: Self.line("M2 4h12M2 8h12M2 12h12")
        // Each severity has a shape of its own, so that it is told without its colour.
        case .critical:
            "<path fill=\"currentColor\" d=\"M5.200 1.500h5.600l3.700 3.700v5.600l-3.700 3.700H5.200l-3.700-3.700V5.200z\"/>"
        case .high: "<path fill=\"currentColor\" d=\"M8 2 15 14H1z\"/>"
        case .medium: "<path fill=\"currentColor\" d=\"M8 1.500 14.500 8 8 14.500 1.500 8z\"/>"
        case .low:
            "<circle cx=\"8\" cy=\"8\" r=\"4.500\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.500\"/>"
        case .ok: Self.line("M3 8.500 6.500 12 13 4.500")
        case .clock: Self.line("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.800V8l2.200 1.500")
        case .tag: Self.line("M2.500 8V2.500H8L13.500 8 8 13.500zM5.300 5.300v.100")
        case .link:
            Self.line(
                "M6.800 9.200 9.200 6.800M7 4.500l1.500-1.500a3.200 3.200 0 0 1 4.500 4.500L11.500 9M9 11.500 7.500 13A3.200 3.200 0 0 1 3 8.500L4.500 7"
            )
        case .mast: Self.line("M8 1.500v13M8 1.500 2 13.500M8 1.500l6 12M4.500 14.500h7")
        case .play: Self.line("M4.500 2.500v11L13 8z")
        case .note: Self.line("M3 2.500h10v8L10 13.500H3zM13 10.500h-3v3M5.500 5.500h5M5.500 8h3")
        case .page: Self.line("M2 3.500h12v9H2zM2.500 4 8 9l5.500-5")
        case .flame:
            Self.line(
                "M8 1.500c.500 3 4 4.500 4 8a4 4 0 0 1-8 0c0-1.500.700-2.500 1.500-3.300.300 1 .800 1.500 1.300 1.600C6.500 5.500 7 3 8 1.500z"
            )
        }
    }

    private static func line(_ path: String) -> String {
        "<path fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.500\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"\(path)\"/>"
    }
}
