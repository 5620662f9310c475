package import Response

/// What a form asks for, read and checked: whoever keeps the state does it and answers.
package enum ConsoleCommand: Sendable {
    /// Give it to the responder, and send the reader on; a refusal is answered with ``ConsoleRoutes/refused(_:_:_:)``.
    case event(Event, thenGoTo: String)
    /// A form about accounts, with the fields that the API takes at the same path: `["session"]`, `["tokens"]`.
    case account([String], thenGoTo: String)
    case makeIntegration(name: String, ConsoleData.Integration.Sender)
    /// Makes a new key; the one before it holds on for a while.
    case rotateKey(integration: String)
    case removeIntegration(String)
    /// An alert as if it came by this integration.
    case testIntegration(String)
}

/// What a request comes to.
package enum ConsoleOutcome: Sendable {
    case answer(Answer)
    case command(ConsoleCommand)
}
