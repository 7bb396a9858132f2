using FineTuneChat.Inference.Scheduling;

namespace FineTuneChat.Inference.Tests.Scheduling;

public sealed class AdmissionTests
{
    private static int Fill(Admission admission, string client)
    {
        int entered = 0;
        while (admission.TryEnter(client))
            entered++;
        return entered;
    }

    [Fact]
    public void One_client_alone_may_have_all_places()
    {
        var admission = new Admission(10);

        Assert.Equal(10, Fill(admission, "a"));
        admission.Leave("a");
        Assert.Equal(1, Fill(admission, "a"));
        Assert.Equal(10, admission.Requests);
    }

    [Fact]
    public void A_full_queue_has_an_equal_share_left_for_others()
    {
        var admission = new Admission(12);
        Fill(admission, "a");

        Assert.Equal(6, Fill(admission, "b"));
        Assert.Equal(4, Fill(admission, "c"));
        Assert.Equal(0, Fill(admission, "a"));
    }

    [Fact]
    public void However_many_clients_there_are_the_queue_has_an_end()
    {
        var admission = new Admission(12);
        foreach (int client in Enumerable.Range(0, 1000))
            Fill(admission, $"client {client}");

        Assert.InRange(admission.Requests, 12, 24);
    }

    [Fact]
    public void What_has_ended_leaves_its_place()
    {
        var admission = new Admission(4);
        Fill(admission, "a");
        Fill(admission, "b");
        foreach (string client in (string[])["a", "a", "a", "a", "b", "b"])
            admission.Leave(client);

        Assert.Equal(0, admission.Requests);
        Assert.Equal(4, Fill(admission, "c"));
    }
}
