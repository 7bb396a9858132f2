using FineTuneChat.Chat.Templates;
using FineTuneChat.Chat.Tests.Templates;
using FineTuneChat.Chat.Tools;

namespace FineTuneChat.Chat.Tests.Replies;

/// <summary>
/// The formats of published templates, those of llama.cpp's release among them: as many as this machine has (`FTC_TEMPLATES`, see Templates/Models).
/// </summary>
public sealed class PublishedFormatTests
{
    private static readonly Dictionary<string, string[]> Formats = new()
    {
        ["apertus"] = ["Apertus-8B-Instruct"],
        ["apriel"] = ["Apriel-1.6-15b-Thinker-fixed", "unsloth-Apriel-1.5"],
        ["command-r"] = ["CohereForAI-c4ai-command-r-plus-tool_use"],
        ["command-r7b"] = ["CohereForAI-c4ai-command-r7b-12-2024-tool_use", "Cohere2MoE"],
        ["deepseek"] = ["deepseek-ai-DeepSeek-R1-Distill-Llama-8B", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "llama-cpp-deepseek-r1"],
        ["deepseek-v3.1"] = ["deepseek-ai-DeepSeek-V3.1"],
        ["deepseek-v3.2"] = ["deepseek-ai-DeepSeek-V3.2"],
        ["deepseek-v4"] = ["deepseek-ai-DeepSeek-V4", "deepseek-ai-DeepSeek-V4-Flash-0731"],
        ["functionary-v3.1"] = ["meetkai-functionary-medium-v3.1"],
        ["functionary-v3.2"] = ["meetkai-functionary-medium-v3.2"],
        ["gigachat"] = ["GigaChat3.1-10B-A1.8B"],
        ["glm"] = ["GLM-4.6", "GLM-4.7-Flash", "Spark2.5", "inclusionai-ling-3.0-flash", "poolside-Laguna-XS.2"],
        ["gpt-oss"] = ["openai-gpt-oss-120b"],
        ["granite"] = ["ibm-granite-granite-3.3-2B-Instruct"],
        ["hermes"] =
        [
            "Bielik-11B-v3.0-Instruct", "MiMo-VL", "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
            "Qwen-QwQ-32B", "Qwen-Qwen2.5-7B-Instruct", "Qwen-Qwen3-0.6B", "Reka-Edge", "ibm-granite-granite-4.0", "ibm-granite-granite-4.1",
        ],
        ["hunyuan"] = ["tencent-Hy3"],
        ["kimi"] = ["Kimi-K2-Instruct", "Kimi-K2-Thinking", "moonshotai-Kimi-K2"],
        ["llama"] = ["meta-llama-Llama-3.1-8B-Instruct", "meta-llama-Llama-3.2-3B-Instruct", "meta-llama-Llama-3.3-70B-Instruct"],
        ["minicpm"] = ["openbmb-MiniCPM5-1B"],
        ["minimax"] = ["MiniMax-M2"],
        ["minimax-m1"] = ["MiniMax-M1"],
        ["mistral"] = ["mistralai-Mistral-Nemo-Instruct-2407"],
        ["mistral-named"] =
        [
            "Mistral-Small-3.2-24B-Instruct-2506", "mistralai-Ministral-3-14B-Reasoning-2512", "unsloth-mistral-Devstral-Small-2507",
        ],
        ["nemotron"] = ["NVIDIA-Nemotron-Nano-v2"],
        ["qwen-coder"] = ["NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "Qwen3-Coder", "Qwen3.5-4B", "StepFun3.5-Flash"],
        ["seed"] = ["ByteDance-Seed-OSS"],
        ["json"] = ["google-gemma-2-2b-it", "microsoft-Phi-3.5-mini-instruct", "HuggingFaceTB-SmolLM3-3B"],
    };

    [Fact]
    public void Calls_are_written_as_the_model_learned_them()
    {
        (string Name, string Format, string File)[] here =
        [
            .. from format in Formats
               from name in format.Value
               let file = ModelTemplates.Find(name)
               where file is not null
               select (name, format.Key, file),
        ];

        Assert.NotEmpty(here);
        Assert.Equal(
            here.Select(t => $"{t.Name}: {t.Format}"),
            here.Select(t => $"{t.Name}: {ToolFormatFinder.Find(new ChatTemplate(File.ReadAllText(t.File)) { BosToken = "<s>", EosToken = "</s>" }).Name}"));
    }
}
