/// The decoder families whose checkpoints can be read, by the `model_type` of their config.json.
public enum Family: String, Sendable, Hashable, CaseIterable {
    case llama, mistral, qwen2, qwen3, gemma2
    case gptNeoX = "gpt_neox"

    /// What the family's architectures are named after: `LlamaForCausalLM`.
    public var className: String {
        switch self {
        case .llama: "Llama"
        case .mistral: "Mistral"
        case .qwen2: "Qwen2"
        case .qwen3: "Qwen3"
        case .gemma2: "Gemma2"
        case .gptNeoX: "GPTNeoX"
        }
    }
}
