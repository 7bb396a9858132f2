using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Models;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

public sealed class UserRootTests : IDisposable
{
    private readonly TemporaryFolder _program = new(), _user = new();

    public void Dispose()
    {
        _program.Dispose();
        _user.Dispose();
    }

    [Fact]
    public void A_published_program_keeps_the_users_files_where_the_system_keeps_data_of_users() =>
        Assert.Equal(_user.Path, UserRoot.Choose(_program.Path, named: null, _user.Path));

    [Fact]
    public void In_a_clone_they_lie_in_the_clone()
    {
        File.WriteAllText(_program["FineTuneChat.sln"], "");
        Assert.Equal(_program.Path, UserRoot.Choose(_program.Path, named: null, _user.Path));
    }

    [Fact]
    public void A_data_folder_beside_the_program_makes_it_portable()
    {
        Directory.CreateDirectory(_program["data"]);
        Assert.Equal(_program.Path, UserRoot.Choose(_program.Path, named: "", _user.Path));
    }

    [Fact]
    public void The_environment_names_the_folder_of_services_and_containers()
    {
        Directory.CreateDirectory(_program["data"]);
        Assert.Equal(_user["x"], UserRoot.Choose(_program.Path, named: _user["x"], "/elsewhere"));
    }

    [Fact]
    public void Where_the_system_names_no_folder_the_programs_own_is_taken() =>
        Assert.Equal(_program.Path, UserRoot.Choose(_program.Path, named: null, ofUser: ""));

    [Fact]
    public void The_models_that_came_with_the_program_are_served_and_new_ones_go_to_the_users_folder()
    {
        RandomModel.Write(Directory.CreateDirectory(_program["models/starter"]).FullName + "/starter.gguf");
        RandomModel.Write(Directory.CreateDirectory(_user["models"]).FullName + "/mine.gguf");
        ModelCatalog catalog = new ModelsSettings().Catalog(_program.Path, _user.Path);
        Assert.Equal(_user["models"], catalog.Folder);
        Assert.Equal([("mine", false), ("starter", true)], catalog.List().Select(m => (m.Name, m.IsForeign)));
    }

    [Fact]
    public void In_a_clone_no_folder_is_read_twice() =>
        Assert.Empty(new ModelsSettings { Folder = "none" }.Catalog(_program.Path, _program.Path).List());
}
