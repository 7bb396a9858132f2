using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gguf.Models;

namespace FineTuneChat.Tests.Models;

/// <summary>What users write, and what files are called.</summary>
public sealed class ModelNameTests
{
    private static readonly Uri Hub = new("https://hub.example");

    [Theory]
    [InlineData("Qwen/Qwen3-4B-GGUF", "Qwen/Qwen3-4B-GGUF", "main", null)]
    [InlineData("Qwen/Qwen3-4B-GGUF:Q4_K_M", "Qwen/Qwen3-4B-GGUF", "main", "Q4_K_M")]
    [InlineData(" hf.co/a/b:q8_0 ", "a/b", "main", "q8_0")]
    [InlineData("huggingface.co/a/b", "a/b", "main", null)]
    [InlineData("https://huggingface.co/a/b", "a/b", "main", null)]
    [InlineData("https://hub.example/a/b:Q6_K", "a/b", "main", "Q6_K")]
    [InlineData("a/b:sub/model-q4.gguf", "a/b", "main", "sub/model-q4.gguf")]
    [InlineData("https://huggingface.co/a/b/resolve/v1.0/dir/x%20y.gguf?download=true", "a/b", "v1.0", "dir/x y.gguf")]
    [InlineData("https://huggingface.co/a/b/blob/main/x.gguf", "a/b", "main", "x.gguf")]
    public void Each_way_to_name_a_model_of_the_hub_is_understood(string text, string repository, string revision, string? wanted) =>
        Assert.Equal(new ModelReference(repository, revision, wanted), ModelReference.Parse(text, Hub));

    [Fact]
    public void A_link_to_a_file_elsewhere_is_that_file() =>
        Assert.Equal("https://files.example/m/x.gguf?key=1", ModelReference.Parse("https://files.example/m/x.gguf?key=1", Hub).Url!.ToString());

    [Theory]
    [InlineData("llama3", "owner/repo")]
    [InlineData("", "owner/repo")]
    [InlineData("a/b/c", "owner/repo")]
    [InlineData("../secret", "owner/repo")]
    [InlineData("a/..", "owner/repo")]
    [InlineData("a/b:", "owner/repo")]
    [InlineData("a/b:x\ny", "owner/repo")]
    [InlineData("https://files.example/x.zip", "owner/repo")]
    [InlineData("http://files.example/x.gguf", "https")]
    [InlineData("file:///etc/passwd", "owner/repo")]
    public void What_names_no_model_is_refused_with_what_would(string text, string named)
    {
        HubException refused = Assert.Throws<HubException>(() => ModelReference.Parse(text, Hub));
        Assert.Equal(HubFault.Name, refused.Fault);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Qwen3-4B-Q4_K_M.gguf", "Qwen3-4B-Q4_K_M", 1, 1, "Q4_K_M")]
    [InlineData("dir/m-Q8_0-00002-of-00003.gguf", "m-Q8_0", 2, 3, "Q8_0")]
    [InlineData("UD-Q4_K_XL/m-UD-Q4_K_XL.gguf", "m-UD-Q4_K_XL", 1, 1, "UD-Q4_K_XL")]
    [InlineData("Q6_K/model.GGUF", "model", 1, 1, "Q6_K")]
    [InlineData("ggml-model-q4_0.gguf", "ggml-model-q4_0", 1, 1, "Q4_0")]
    [InlineData("m.IQ2_XXS.gguf", "m.IQ2_XXS", 1, 1, "IQ2_XXS")]
    [InlineData("m-bf16.gguf", "m-bf16", 1, 1, "BF16")]
    [InlineData("q4you.gguf", "q4you", 1, 1, null)]
    public void A_files_name_says_part_and_quantisation(string path, string stem, int part, int parts, string? quantization) =>
        Assert.Equal(new GgufFileName(stem, part, parts, quantization), GgufFileName.Of(path));

    [Fact]
    public void Projectors_and_statistics_are_recognised()
    {
        Assert.True(GgufFileName.Of("mmproj-model-f16.gguf")!.IsProjector);
        Assert.True(GgufFileName.Of("m-imatrix.gguf")!.IsImportanceMatrix);
        Assert.False(GgufFileName.Of("m-imatrix-Q4_K_M.gguf")!.IsImportanceMatrix);
        Assert.Null(GgufFileName.Of("readme.md"));
        Assert.Null(GgufFileName.Of("m.gguf.partial"));
    }

    [Theory]
    [InlineData("Q4_K_M", "Q8_0,Q4_K_M,Q4_K_S")]
    [InlineData("Q4_K_S", "Q8_0,Q4_K_S,Q2_K,F16")]
    [InlineData("Q8_0", "Q8_0,F16,F32")]
    [InlineData("UD-Q4_K_XL", "UD-Q4_K_XL,F16")]
    [InlineData("F16", "F16")]
    public void Without_a_wish_it_is_Q4_K_M_or_the_nearest(string expected, string there) =>
        Assert.Equal(expected, QuantizationChoice.Choose(Repository(there.Split(',')), wanted: null).Label);

    [Fact]
    public void A_wish_that_is_not_there_is_answered_with_what_is()
    {
        HubException refused = Assert.Throws<HubException>(() => QuantizationChoice.Choose(Repository("Q8_0", "Q4_0"), "Q5_K_M"));
        Assert.Contains("has no Q5_K_M", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Q8_0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Q4_0", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Q8_0", QuantizationChoice.Choose(Repository("Q8_0", "Q4_0"), "q8_0").Label);
        Assert.Equal("Q8_0", QuantizationChoice.Choose(Repository("Q8_0", "Q4_0"), "m-Q8_0.gguf").Label);
    }

    [Fact]
    public void Split_models_are_one_and_incomplete_ones_none()
    {
        HubRepository repository = OfFiles("m-Q8_0-00002-of-00002.gguf", "m-Q8_0-00001-of-00002.gguf", "m-F16-00001-of-00002.gguf", "mmproj-m.gguf", "a.txt");
        HubModel only = Assert.Single(repository.Models);
        Assert.Equal(["m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf"], only.Files.Select(f => f.Path));
        Assert.Equal("mmproj-m.gguf", Assert.Single(repository.Projectors).Path);
    }

    [Fact]
    public void A_pause_is_as_long_as_the_server_asks_or_doubles()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), 5);
        Assert.Equal([1, 2, 4, 8], Enumerable.Range(1, 4).Select(i => backoff.After(i, asked: null)!.Value.TotalSeconds));
        Assert.Equal(7, backoff.After(1, TimeSpan.FromSeconds(7))!.Value.TotalSeconds);
        Assert.Null(backoff.After(5, asked: null));
        Assert.Null(backoff.After(1, TimeSpan.FromHours(1)));
    }

    private static HubRepository Repository(params string[] quantizations) => OfFiles([.. quantizations.Select(q => $"m-{q}.gguf")]);

    private static HubRepository OfFiles(params string[] paths) => HubRepository.Of(
        new RepositoryInfo { Id = "a/b", Siblings = [.. paths.Select(p => new SiblingInfo { Rfilename = p, Size = 1 })] }, "main");
}
