import Response
import World

/// The calendar's time as the control plane goes by it: it never stands still and never goes back.
///
/// A calendar that is set forward is followed. One that is set back is not: time goes on from where it was, at the machine's own
/// pace, until the calendar has caught up or the process starts anew. What is due after five minutes comes after five minutes.
/// Belongs to one event loop.
final class PlaneClock {
    private let keeper: Timekeeper
    private var last: (moment: Moment, uptime: Duration)

    init(_ keeper: Timekeeper) {
        self.keeper = keeper
        last = (Moment(keeper), keeper.uptime())
    }

    var now: Moment {
        let uptime = keeper.uptime()
        let calendar = Moment(keeper)
        let passed = last.moment + max(.zero, uptime - last.uptime)
        // Two clocks that are read one after another differ by a little; that is no reason to leave the calendar.
        let moment = calendar >= last.moment ? calendar : passed
        last = (moment, uptime)
        return moment
    }
}
