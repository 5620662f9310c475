package import Response
package import World

/// What the API says about who is on call, for who has the rules and no server.
package enum OnCallDocument {
    /// As `GET /api/v1/oncall` answers.
    package static func who(_ schedules: [OnCallSchedule], at moment: Moment) -> JSONValue {
        page(schedules.map { Resource<OnCallItem>.onCall.json(OnCallItem($0, at: moment)) })
    }

    /// As `GET /api/v1/oncall/{schedule}/shifts` and `/gaps` answer.
    package static func shifts(_ shifts: [Shift]) -> JSONValue { page(shifts.map(Resource<Shift>.shift.json)) }

    private static func page(_ items: [JSONValue]) -> JSONValue { .object([.init("items", .array(items))]) }
}
