using System.Text;

namespace FineTuneChat.Datasets.Tests;

/// <summary>CSV and JSON lines that would take more than they are worth.</summary>
public sealed class TextAttackTests
{
    private const int Reserved = 64 << 20; // bytes of buffers that may be allocated on the way; what is read by then is known by Position

    [Fact]
    public void A_quote_that_is_never_closed_ends_the_reading_at_the_limit_of_a_row()
    {
        var file = new WatchedStream(Encoding.UTF8.GetBytes("prompt,completion\nHi,\"" + new string('x', 15_000_000)));
        Assert.Contains("row 2 is longer than 4,194,304 bytes, which is all that is allowed; see whether its quotes are closed.", Refused(file));
        Assert.InRange(file.Position, 4_000_000, 9_000_000); // not read on
        Assert.Contains("in row 2 a quote is opened and never closed", Refused(new MemoryStream("prompt,completion\nHi,\"Hello"u8.ToArray())));
    }

    [Fact]
    public void Ten_million_commas_end_the_reading_at_the_limit_of_a_row()
    {
        var file = new WatchedStream(Encoding.UTF8.GetBytes("prompt,completion\n" + new string(',', 10_000_000)));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("row 2 is longer", Refused(file));
        Assert.InRange(file.Position, 4_000_000, 9_000_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 3 * Reserved);
        Assert.Contains("row 2 has 1,001 columns; at most 1,000 are read", Refused(new MemoryStream(
            Encoding.UTF8.GetBytes($"prompt,completion\n{new string(',', 1_000)}\n"))));
    }

    [Fact]
    public void A_row_of_many_large_cells_ends_the_reading_at_the_limit_of_a_row()
    {
        string cells = string.Join(',', Enumerable.Repeat(new string('x', 900_000), 10));
        var file = new WatchedStream(Encoding.UTF8.GetBytes($"prompt,completion\n{cells}"));
        Assert.Contains("row 2 is longer than 4,194,304 bytes", Refused(file));
        Assert.InRange(file.Position, 4_000_000, 9_000_000);
        string large = $"prompt,completion\nHi,{new string('x', 1_000_001)}\n";
        Assert.Contains("row 2 has 1,000,001 characters in the column completion", Refused(new MemoryStream(Encoding.UTF8.GetBytes(large))));
    }

    [Fact]
    public void A_table_is_a_stream_of_rows()
    {
        string rows = string.Concat(Enumerable.Range(2, 100_000).Select(i => $"{i}?,{i}!\n"));
        var file = new WatchedStream(Encoding.UTF8.GetBytes("prompt,completion\n" + rows));
        DatasetRow first = ConversationReader.Read(file, file: "a.csv").First();
        Assert.Equal("2?", first.Conversation!.Messages[0].Content);
        Assert.InRange(file.Position, 1, 100_000); // of 1.4 MB
        file.Position = 0;
        Assert.Equal((100_000, 100_001), (ConversationReader.Read(file, file: "a.csv").Count(), Last(file)));

        static int Last(Stream stream)
        {
            stream.Position = 0;
            return ConversationReader.Read(stream, file: "a.csv").Last().Line;
        }
    }

    [Fact]
    public void Rows_of_a_table_are_counted_empty_ones_too()
    {
        var limits = new DatasetLimits { Rows = 3 };
        Assert.Single(Read("prompt,completion\nHi,Hello\n\n", "a.csv", limits));
        Assert.Contains("more than 3 rows", Refused(new MemoryStream("prompt,completion\n\n\n\n"u8.ToArray()), limits));
    }

    [Theory]
    [InlineData("\"a\"\"b\",\"c\nd\"", "a\"b", "c\nd")]
    [InlineData("a\"b,c\"\"d", "a\"b", "c\"\"d")] // a quote inside of a cell is one
    [InlineData("\"a\"b,c\r", "ab", "c")]
    public void Quotes_stay_what_they_are_at_every_cut_of_the_stream(string row, string prompt, string completion)
    {
        for (int padding = 16_380; padding < 16_390; padding++) // around the reader's buffer
        {
            DatasetRow read = Read($"prompt,completion,{new string('x', padding)}\n{row}\n", "a.csv").Single();
            Assert.Equal((prompt, completion), (read.Conversation!.Messages[0].Content, read.Conversation.Messages[1].Content));
        }
    }

    [Fact]
    public void Deep_JSON_is_an_error_of_its_row()
    {
        string deep = $"{{\"prompt\":{new string('[', 100_000)}";
        DatasetRow[] rows = Read($"{deep}\n{{\"prompt\":\"Hi\",\"completion\":\"Hello\"}}", "a.jsonl");
        Assert.Equal("nested deeper than 64 levels, which is all that is allowed; flatten it", rows[0].Error);
        Assert.NotNull(rows[1].Conversation);
    }

    [Fact]
    public void A_row_of_five_megabytes_is_passed_over_and_none_of_it_is_kept()
    {
        byte[] file = Encoding.UTF8.GetBytes($"{{\"prompt\":\"{new string('x', 5 << 20)}\"}}\n{{\"prompt\":\"Hi\",\"completion\":\"Hello\"}}\n");
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        DatasetRow[] rows = [.. ConversationReader.Read(new MemoryStream(file))];
        Assert.Equal(["longer than 4194304 bytes", null], rows.Select(r => r.Error));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, Reserved);
    }

    [Fact]
    public void Time_is_over_when_the_clock_says_so()
    {
        var clock = new SteppingClock(TimeSpan.FromSeconds(1));
        string rows = string.Concat(Enumerable.Repeat("{\"prompt\":\"Hi\",\"completion\":\"Hello\"}\n", 1_000));
        int read = 0;
        var over = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (DatasetRow _ in ConversationReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(rows)), clock: clock))
                read++;
        });
        Assert.Contains("more than 120 seconds", over.Message);
        Assert.InRange(read, 1, 121);
    }

    [Theory]
    [InlineData("a.csv", "prompt,completion\n", "Hi,Hello\n")]
    [InlineData("a.jsonl", "", "{\"prompt\":\"Hi\",\"completion\":\"Hello\"}\n")]
    public void Who_leaves_ends_the_reading(string name, string head, string row)
    {
        using var cancelled = new CancellationTokenSource();
        int rows = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            string text = head + string.Concat(Enumerable.Repeat(row, 100_000));
            foreach (DatasetRow _ in ConversationReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), file: name, cancellation: cancelled.Token))
                cancelled.CancelWhen(++rows == 7);
        });
        Assert.Equal(7, rows);
    }

    private static DatasetRow[] Read(string text, string file, DatasetLimits? limits = null) =>
        [.. ConversationReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), limits, file)];

    private static string Refused(Stream stream, DatasetLimits? limits = null) =>
        Assert.Throws<InvalidDataException>(() => ConversationReader.Read(stream, limits, "a.csv").Count()).Message;

    /// <summary>A clock that is read so much later every time.</summary>
    private sealed class SteppingClock(TimeSpan step) : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += step.Ticks;
    }
}
