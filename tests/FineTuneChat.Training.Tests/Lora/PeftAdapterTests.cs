using System.Text.Json.Nodes;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Lora.Peft;
using FineTuneChat.Training.Tests.Graphs;

namespace FineTuneChat.Training.Tests.Lora;

public sealed class PeftAdapterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PeftAdapterTests() => NativeLibraries.Load();

    public static TheoryData<string> Cases() => [.. ArchitectureCases.All.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait(Tier.Name, Tier.Slow)]
    public void An_adapter_of_every_architecture_is_read_back_as_it_was_written_in_both_formats(string name)
    {
        GgufFile model = GgufFile.Open(RandomModel.Write(_folder["model.gguf"], ArchitectureCases.All[name]));
        using LoraAdapter adapter = TrainedAdapter.Create(model, rank: 4, spread: 0.1f);
        PeftAdapter.Save(_folder.Path, adapter, model);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        foreach (string path in new[] { _folder.Path, _folder["adapter.gguf"] })
        {
            using LoraAdapter read = LoraFile.Load(path, model);
            Assert.Equal((adapter.Rank, adapter.Alpha), (read.Rank, read.Alpha));
            Assert.Equal(adapter.Parameters.All.Select(p => p.Name), read.Parameters.All.Select(p => p.Name));
            Assert.All(
                adapter.Parameters.All, p => Assert.Equal(p.Value.AsSpan<float>().ToArray(), read.Parameters.Find(p.Name)!.Value.AsSpan<float>().ToArray()));
        }
    }

    /// <summary>Here, to PEFT and back: llama.cpp's logits are those of the adapter that went.</summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("phi3")]
    public void An_adapter_that_comes_back_as_PEFTs_folder_says_what_it_said(string name)
    {
        GgufFile model = GgufFile.Open(RandomModel.Write(_folder["model.gguf"], ArchitectureCases.All[name]));
        using (LoraAdapter adapter = TrainedAdapter.Create(model, rank: 4, spread: 0.5f))
        {
            LoraFile.Save(_folder["before.gguf"], adapter, "test");
            PeftAdapter.Save(_folder.Path, adapter, model);
        }
        AdapterReport report = AdapterConversion.Write(_folder.Path, model.Path, _folder["after.gguf"]);
        Assert.Equal((4, 8f, new FileInfo(_folder["after.gguf"]).Length), (report.Rank, report.Alpha, report.Bytes));
        float[] before = ModelComparison.OfLlama(model.Path, _folder["before.gguf"]);
        Assert.Equal(before, ModelComparison.OfLlama(model.Path, _folder["after.gguf"]));
        Assert.True(ModelComparison.RelativeL2(before, ModelComparison.OfLlama(model.Path)) > 0.01);
    }

    [Fact]
    public void The_files_have_the_names_of_Hugging_Faces_modules()
    {
        GgufFile llama = Write(new RandomModelShape(Layers: 1)), phi = Write(ArchitectureCases.All["phi3"] with { Layers = 1 }, "phi.gguf");
        Assert.Equal(
            ["mlp.down_proj", "mlp.gate_proj", "mlp.up_proj", "self_attn.k_proj", "self_attn.o_proj", "self_attn.q_proj", "self_attn.v_proj"], Modules(llama));
        Assert.Equal(["mlp.down_proj", "mlp.gate_up_proj", "self_attn.o_proj", "self_attn.qkv_proj"], Modules(phi));

        JsonNode config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!;
        Assert.Equal(
            ("LORA", 4, 8.0, "random"),
            ((string)config["peft_type"]!, (int)config["r"]!, (double)config["lora_alpha"]!, (string)config["base_model_name_or_path"]!));
        Assert.Equal(["down_proj", "gate_up_proj", "o_proj", "qkv_proj"], config["target_modules"]!.AsArray().Select(t => (string)t!));

        string[] Modules(GgufFile model)
        {
            using LoraAdapter adapter = TrainedAdapter.Create(model, rank: 4, spread: 0.1f);
            PeftAdapter.Save(_folder.Path, adapter, model);
            const string Prefix = "base_model.model.model.layers.0.", Suffix = ".lora_A.weight";
            return [.. PeftWeights.Read(_folder["adapter_model.safetensors"]).Keys.Where(k => k.EndsWith(Suffix, StringComparison.Ordinal))
                .Select(k => k[Prefix.Length..^Suffix.Length]).Order()];
        }
    }

    /// <summary>
    /// Hugging Face rotates element i against i + width/2, llama.cpp's Llama 2i against 2i + 1: a vector of a head, rotated there and moved, must be the moved
    /// vector, rotated here.
    /// </summary>
    [Fact]
    public void Rows_of_a_Llamas_queries_and_keys_lie_where_either_rotation_wants_them()
    {
        DecoderShape shape = DecoderShape.FromGguf(Write(new RandomModelShape(Heads: 4, KvHeads: 2)));
        foreach (string weight in new[] { "blk.0.attn_q.weight", "blk.0.attn_k.weight" })
        {
            PeftModule module = Assert.Single(PeftModule.Of(weight, shape));
            var random = new Random(2);
            double[] theirs = [.. Enumerable.Range(0, (int)module.Rows).Select(_ => random.NextDouble())];
            Assert.Equal(
                Moved(Rotated(theirs, shape.HeadWidth, (i, half) => (i, i + half))), Rotated(Moved(theirs), shape.HeadWidth, (i, _) => (2 * i, (2 * i) + 1)));

            double[] Moved(double[] rows)
            {
                var moved = new double[rows.Length];
                for (int row = 0; row < rows.Length; row++)
                    moved[module.RowInWeight(row)] = rows[row];
                return moved;
            }
        }

        static double[] Rotated(double[] rows, int width, Func<int, int, (int, int)> pair)
        {
            var rotated = new double[rows.Length];
            for (int head = 0; head < rows.Length; head += width)
            {
                for (int i = 0; i < width / 2; i++)
                {
                    var (a, b) = pair(i, width / 2);
                    double angle = 7 * Math.Pow(10_000, -2.0 * i / width);
                    rotated[head + a] = (rows[head + a] * Math.Cos(angle)) - (rows[head + b] * Math.Sin(angle));
                    rotated[head + b] = (rows[head + a] * Math.Sin(angle)) + (rows[head + b] * Math.Cos(angle));
                }
            }

            return rotated;
        }
    }

    [Theory]
    [InlineData("use_dora", "true", "use_dora")]
    [InlineData("modules_to_save", """["lm_head"]""", "modules_to_save")]
    [InlineData("rank_pattern", """{"q_proj":8}""", "differ from layer to layer")]
    [InlineData("peft_type", "\"IA3\"", "IA3")]
    [InlineData("r", "0", "r is 0")]
    public void What_is_no_plain_LoRA_is_refused(string key, string value, string message)
    {
        GgufFile model = Saved();
        JsonNode config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(_folder["adapter_config.json"], config.ToJsonString());
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => LoraFile.Load(_folder.Path, model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_scale_of_rsLoRA_is_kept()
    {
        GgufFile model = Saved();
        JsonNode config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!;
        config["use_rslora"] = true;
        File.WriteAllText(_folder["adapter_config.json"], config.ToJsonString());
        using LoraAdapter read = LoraFile.Load(_folder.Path, model);
        Assert.Equal(8 / Math.Sqrt(4), read.Find("blk.0.attn_q.weight")!.Scale, 1e-6); // alpha 8, rank 4
    }

    [Fact]
    public void An_adapter_of_another_model_is_refused()
    {
        Saved();
        GgufFile wider = Write(new RandomModelShape(FeedForward: 192), "wider.gguf"), shallow = Write(new RandomModelShape(Layers: 1), "shallow.gguf");
        Assert.Contains("do not fit", Assert.Throws<InvalidDataException>(() => LoraFile.Load(_folder.Path, wider)).Message, StringComparison.Ordinal);
        Assert.Contains("layers.1.", Assert.Throws<InvalidDataException>(() => LoraFile.Load(_folder.Path, shallow)).Message, StringComparison.Ordinal);
    }

    /// <summary>A changed file is either read or refused; nothing else may happen.</summary>
    [Fact]
    public void A_damaged_file_is_refused()
    {
        GgufFile model = Saved();
        byte[] whole = File.ReadAllBytes(_folder["adapter_model.safetensors"]);
        var random = new Random(3);
        for (int round = 0; round < 100 * Scale.Factor; round++)
        {
            byte[] damaged = round % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int i = 0; i < random.Next(4) && damaged.Length > 0; i++)
                damaged[random.Next(Math.Min(damaged.Length, 2000))] = (byte)random.Next(256);
            File.WriteAllBytes(_folder["adapter_model.safetensors"], damaged);
            try
            {
                LoraFile.Load(_folder.Path, model).Dispose();
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    private GgufFile Saved()
    {
        GgufFile model = Write(new RandomModelShape());
        using LoraAdapter adapter = TrainedAdapter.Create(model, rank: 4, spread: 0.1f);
        PeftAdapter.Save(_folder.Path, adapter, model);
        return model;
    }

    private GgufFile Write(RandomModelShape shape, string name = "model.gguf") => GgufFile.Open(RandomModel.Write(_folder[name], shape));
}
