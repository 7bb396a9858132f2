using FineTuneChat.Gateway.Models;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Models;

/// <summary>What in a folder is a model, and what it is called.</summary>
public sealed class ModelCatalogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(), _other = new();

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Models_lie_flat_in_a_folder_of_their_own_or_as_LM_Studio_lays_them()
    {
        Put("flat.gguf");
        Put("LOUD.GGUF");
        Put("alone/some-file.gguf");
        Put("two/a.gguf");
        Put("two/b.gguf");
        Put("owner/repo/m-Q4_K_M.gguf");
        Put("owner/repo/m-Q8_0.gguf");
        Put("owner/split/s-00001-of-00002.gguf");
        Put("owner/split/s-00002-of-00002.gguf");

        Assert.Equal(["LOUD", "a", "alone", "b", "flat", "m-Q4_K_M", "m-Q8_0", "s"], Names());
    }

    [Fact]
    public void What_is_no_model_is_not_listed()
    {
        Put("m.gguf");
        Put("mmproj-m.gguf", ModelFiles.Projector);
        Put("vision.gguf", ModelFiles.Projector);
        Put("adapter.gguf", ModelFiles.Adapter);
        Put("m-imatrix.gguf");
        Put("half.gguf.partial");
        Put("half.gguf.state.partial");
        Put("notes.txt");

        Assert.Equal(["m"], Names());
    }

    [Fact]
    public void A_damaged_file_is_listed_so_that_somebody_says_what_is_wrong_with_it()
    {
        Put("broken.gguf", "GGUF, but not really"u8.ToArray());
        Assert.Equal(["broken"], Names());
    }

    [Fact]
    public void A_model_of_the_hub_is_found_by_what_it_is_called_there()
    {
        Put("owner/repo/m-Q8_0.gguf");
        Put("owner/repo/m-Q4_K_M.gguf");
        var catalog = new ModelCatalog(_folder.Path);

        Assert.Equal("m-Q4_K_M", catalog.Find("owner/repo")?.Name);
        Assert.Equal("m-Q8_0", catalog.Find("hf.co/Owner/Repo:q8_0")?.Name);
        Assert.Equal("m-Q8_0", catalog.Find("owner/repo:m-Q8_0.gguf")?.Name);
        Assert.Null(catalog.Find("owner/repo:Q6_K"));
        Assert.Null(catalog.Find("owner/other"));
    }

    [Fact]
    public void Two_files_of_one_name_are_told_apart_and_other_programs_folders_are_served_in_place()
    {
        Put("owner/repo/m.gguf");
        File.WriteAllBytes(Directory.CreateDirectory(_other["pub/re"]).FullName + "/m.gguf", ModelFiles.Small);
        IReadOnlyList<LocalModel> models = new ModelCatalog(_folder.Path, _other.Path, _other["missing"]).List();

        Assert.Equal([("m", false), ("pub/re/m", true)], models.Select(m => (m.Name, m.IsForeign)));
    }

    private string[] Names() => [.. new ModelCatalog(_folder.Path).List().Select(m => m.Name)];

    private void Put(string path, byte[]? content = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllBytes(_folder[path], content ?? ModelFiles.Small);
    }
}
