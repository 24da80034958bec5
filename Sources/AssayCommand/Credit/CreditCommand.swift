import ArgumentParser

/// `assay credit`
struct CreditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credit",
        abstract: "Says which decision of a program of language-model agents earned the outcome.",
        discussion: """
            Your program runs as it is, with OPENAI_BASE_URL, OPENAI_API_BASE and ANTHROPIC_BASE_URL pointing at a recording \
            proxy on loopback. Then it runs again and again: decisions before one are answered from the record, that one and \
            all later ones are made anew, and the outcomes tell what the decision was worth.
            """,
        subcommands: [
            CreditRecord.self, CreditList.self, CreditCheck.self, CreditEstimate.self, CreditPage.self, CreditSwap.self,
            CreditTasks.self, CreditRoles.self, CreditExport.self, CreditImport.self, CreditPlay.self,
        ])
}
