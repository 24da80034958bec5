/// The decoder families whose checkpoints can be read, by the `model_type` of their config.json.
public enum Family: String, Sendable, Hashable, CaseIterable {
    case llama, mistral, qwen2, qwen3, gemma2
    case gptNeoX = "gpt_neox"
}
