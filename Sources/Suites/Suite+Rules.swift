extension Suite {
    /// Where format and rule come from.
    public var source: String {
        switch self {
        case .pairs: "any preference rows"
        case .rewardBench, .rewardBench2: "allenai/reward-bench"
        case .rmBench: "THU-KEG/RM-Bench"
        case .rewardMATH: "kimsh0507/RewardMATH_official"
        case .judgeBench: "ScalerLab/JudgeBench"
        case .ppe: "lmarena/PPE, best-of-K correctness"
        case .llmBar: "princeton-nlp/LLMBar"
        case .pandaLM: "WeOpenML/PandaLM, testset-v1"
        case .hh: "anthropics/hh-rlhf"
        case .persona: "anthropics/evals, persona"
        case .shift: "princeton-pli/exrm-vs-imrm"
        }
    }

    /// The scoring rule, one or two sentences.
    public var rule: String {
        switch self {
        case .pairs:
            "share of comparisons in which chosen scores above rejected; every chosen against every rejected of a row"
        case .rewardBench:
            "share of pairs with chosen above rejected; a section weighs its subsets by the source's fixed counts (math-prm as 984); overall is the plain mean of the sections"
        case .rewardBench2:
            "best of 4: credit where the correct answer stands at the top; Ties: 0.30 + 0.30 accuracy, 0.20 + 0.20 margins over spread, 0.01 margin ratio; overall is the plain mean of the subsets"
        case .rmBench:
            "3 x 3 comparisons a prompt: hard above, normal on, easy below the diagonal of styles; a domain is the mean of the three, safety of its two files, overall of the domains"
        case .rewardMATH: "share of problems whose correct solution scores above all nine others"
        case .judgeBench: "share of pairs in which the objectively correct response scores higher"
        case .ppe:
            "accuracy on the sampled conflict pairs, each pair counting alike; expected ground truth of the reward's pick among k responses, unbiased over subsets (ties share)"
        case .llmBar: "share of pairs in which the labelled output scores higher"
        case .pandaLM:
            "share of pairs in which the response that most of three annotators prefer scores higher; no majority or a majority for a tie is left out"
        case .hh: "share of dialogue pairs in which the chosen continuation scores higher"
        case .persona: "share of statements for which the answer matching the behaviour scores higher"
        case .shift:
            "accuracy on original and shifted pairs, the paired drop (original less shifted), and mean|r+ - r-| over the standard deviation of the rewards: plain (published) and within prompts"
        }
    }
}
