package import Response
package import Spec
package import World

/// All channels: gives each message to the courier of its contact's kind.
package struct CourierBoard: Courier {
    private let couriers: [Channel.Kind: any Courier]

    package init(_ couriers: [Channel.Kind: any Courier]) { self.couriers = couriers }

    /// - Parameter caller: carries all that goes by HTTP; whoever made it closes it.
    package init(_ settings: ChannelSettings, caller: HTTPCaller, keeper: Timekeeper = .live) {
        var couriers: [Channel.Kind: any Courier] = [:]
        let patience = settings.patience
        couriers[.slack] = settings.slack.map { SlackCourier($0, caller, patience: patience, keeper) }
        couriers[.pagerduty] = settings.pagerDuty.map { PagerDutyCourier($0, caller, patience: patience, keeper) }
        couriers[.email] = settings.mail.map { MailCourier($0) }
        for (kind, carrier) in settings.carriers {
            couriers[kind] = TextCourier(carrier, caller, patience: patience, keeper)
        }
        if !settings.webhooks.isEmpty {
            couriers[.webhook] = WebhookCourier(settings.webhooks, caller, patience: patience, keeper)
        }
        self.init(couriers)
    }

    /// The kinds that are set up.
    package var kinds: Set<Channel.Kind> { Set(couriers.keys) }

    package func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        guard let courier = couriers[dispatch.contact.kind] else {
            return .refused("the channel \(dispatch.contact.kind.rawValue) is not set up here (docs/channels.md)")
        }
        return await courier.deliver(dispatch)
    }
}
