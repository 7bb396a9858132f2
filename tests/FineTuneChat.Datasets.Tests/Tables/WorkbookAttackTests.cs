using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tests.Tables;

/// <summary>Workbooks that are small on the disk and large when they are read. Work is counted in rows and memory in bytes, not in seconds.</summary>
public sealed class WorkbookAttackTests
{
    private static readonly string Header = WorkbookBuilder.Row(1, "prompt", "completion");

    [Fact]
    public void A_workbook_is_read()
    {
        DatasetRow row = Assert.Single(Read(new WorkbookBuilder().Sheet(Header + WorkbookBuilder.Row(3, "Hi", "Hello"))));
        Assert.Equal((3, "Hi", "Hello"), (row.Line, row.Conversation!.Messages[0].Content, row.Conversation.Messages[1].Content));
    }

    [Theory]
    [InlineData("XFD", 1048576, "column 16,384")]
    [InlineData("XFD", 2, "column 16,384")]
    [InlineData("A", 1048576, "row 1,048,576")]
    [InlineData("ZZZZZZ", 2147483646, "column 321,272,406")] // more than Excel has, and room for each would be made
    public void One_cell_far_away_costs_nothing(string column, int row, string found)
    {
        byte[] book = new WorkbookBuilder().Sheet($"{Header}<row r=\"{row}\">{WorkbookBuilder.Cell($"{column}{row}", "x")}</row>").Build();
        Assert.InRange(book.Length, 1, 2_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        string reason = Refused(book);
        Assert.Contains(found, reason);
        Assert.Contains("Delete what stands", reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 20 << 20);
    }

    [Fact]
    public void Empty_rows_between_count_as_cells_that_are_visited()
    {
        byte[] book = new WorkbookBuilder().Sheet($"{Header}{WorkbookBuilder.Row(900_000, "Hi", "Hello")}").Build();
        Assert.Equal(900_000, Assert.Single(Read(book)).Line);
        Assert.Contains("at most 100,000 are read", Refused(book, new DatasetLimits { Cells = 100_000 }));
        Assert.Contains("at most 50,000 rows are read", Refused(book, new DatasetLimits { Rows = 50_000 }));
    }

    [Fact]
    public void Half_a_gigabyte_of_nothing_is_not_unpacked()
    {
        byte[] nothing = new byte[1 << 20];
        byte[] book = new WorkbookBuilder().Part("xl/worksheets/sheet1.xml", sheet =>
        {
            for (int i = 0; i < 512; i++)
                sheet.Write(nothing);
        }).Build();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("536,87", Refused(book)); // and a little for the other parts
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 20 << 20);
    }

    [Fact]
    public void What_grows_too_much_is_not_unpacked_though_it_is_small_enough()
    {
        var book = new WorkbookBuilder().Sheet(Header).Part("xl/sharedStrings.xml", part => part.Write(new byte[64 << 20]));
        Assert.Contains("xl/sharedStrings.xml grows", Refused(book));
    }

    [Fact]
    public void An_archive_in_the_archive_is_not_opened()
    {
        byte[] inner = new WorkbookBuilder().Part("bomb", part => part.Write(new byte[150 << 20])).Build();
        Assert.Single(Read(new WorkbookBuilder().Sheet(Header + WorkbookBuilder.Row(2, "Hi", "Hello")).Part("inner.zip", part => part.Write(inner))));
    }

    [Fact]
    public void A_forged_size_unpacks_no_more_than_it_says()
    {
        byte[] book = new WorkbookBuilder().Sheet(Header + WorkbookBuilder.Row(2, "Hi", new string('x', 3_000_000))).Build();
        Forge(book, "xl/worksheets/sheet1.xml", 500);
        Assert.Contains("cannot be read", Refused(book)); // cut off after 500 bytes: no sound XML
    }

    [Fact]
    public void Many_parts_are_counted()
    {
        var book = new WorkbookBuilder().Sheet(Header);
        for (int i = 0; i < 1_000; i++)
            book.Part($"part{i}", "");
        Assert.Contains("1,005 parts; at most 1,000 are read", Refused(book));
    }

    [Fact]
    public void Shared_texts_are_counted_and_measured_before_they_are_held()
    {
        var limits = new DatasetLimits { SharedStrings = 1_000, CellCharacters = 100_000 };
        IEnumerable<string> many = Enumerable.Range(0, 1_001).Select(i => $"{i}");
        Assert.Contains("1,001 shared texts or more; at most 1,000 are read", Refused(new WorkbookBuilder().Sheet(Header).Shared(many), limits));
        string large = new('x', 100_001);
        Assert.Contains("more than 100,000 characters", Refused(new WorkbookBuilder().Sheet(Header).Shared([large]), limits));
        Assert.Contains("more than 100,000 characters", Refused(new WorkbookBuilder().Sheet(Header + WorkbookBuilder.Row(2, "Hi", large)), limits));
    }

    [Fact]
    public void Entities_are_refused()
    {
        string entities = string.Concat(Enumerable.Range(1, 9).Select(i => $"<!ENTITY e{i} \"{string.Concat(Enumerable.Repeat($"&e{i - 1};", 10))}\">"));
        string document = $"<!DOCTYPE worksheet [<!ENTITY e0 \"{new string('x', 1000)}\">{entities}]>";
        Assert.Contains("DTD", Refused(new WorkbookBuilder().Sheet(Header + WorkbookBuilder.Row(2, "&e9;", "x"), document)));
    }

    [Fact]
    public void Nesting_is_bounded_and_told_in_a_line()
    {
        string open = string.Concat(Enumerable.Repeat("<a>", 1_000_000));
        string reason = Refused(new WorkbookBuilder().Sheet(Header + open), new DatasetLimits { CompressionRatio = 5_000 });
        Assert.Contains("nested deeper than the 64 levels", reason);
        Assert.InRange(reason.Length, 1, 500); // of an unfinished document the library names every open element
    }

    [Fact]
    public void Cut_or_damaged_it_is_no_table_and_nothing_else()
    {
        byte[] book = new WorkbookBuilder().Sheet(Header + WorkbookBuilder.Row(2, "Hi", "Hello")).Shared(["a", "b"]).Build();
        for (int length = 0; length < book.Length; length += 97)
            Refused(book[..length]);
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            byte[] damaged = [.. book];
            for (int k = 0; k <= i % 3; k++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Assert.InRange(Read(damaged).Length, 0, 10);
            }
            catch (Exception e) when (e is InvalidDataException or DatasetQuestionException)
            {
            }
        }
    }

    [Fact]
    public void Who_leaves_ends_the_reading_at_the_next_read_or_row()
    {
        string pairs = string.Concat(Enumerable.Range(2, 5_000).Select(i => WorkbookBuilder.Row(i, $"{i}?", $"{i}!")));
        byte[] book = new WorkbookBuilder().Sheet(Header + pairs).Build();

        using var before = new CancellationTokenSource();
        var stream = new WatchedStream(book, reads => before.CancelWhen(reads == 3));
        Assert.Throws<OperationCanceledException>(() => ConversationReader.Read(stream, file: "a.xlsx", cancellation: before.Token).Count());
        Assert.Equal(3, stream.Reads); // inside the library

        using var between = new CancellationTokenSource();
        int rows = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (DatasetRow _ in ConversationReader.Read(new MemoryStream(book), file: "a.xlsx", cancellation: between.Token))
                between.CancelWhen(++rows == 10);
        });
        Assert.Equal(10, rows);
    }

    /// <summary>Rewrites what the archive's directory says of a part's size.</summary>
    private static void Forge(byte[] archive, string part, int size)
    {
        for (int i = archive.Length - 46; i > 0; i--)
        {
            Span<byte> entry = archive.AsSpan(i);
            if (!entry.StartsWith("PK\u0001\u0002"u8) || !entry[46..].StartsWith(System.Text.Encoding.ASCII.GetBytes(part)))
                continue;
            BitConverter.TryWriteBytes(entry[24..], size);
            return;
        }
        Assert.Fail($"{part} is not in the directory");
    }

    private static string Refused(WorkbookBuilder book, DatasetLimits? limits = null) => Refused(book.Build(), limits);

    private static string Refused(byte[] book, DatasetLimits? limits = null) => Assert.Throws<InvalidDataException>(() => Read(book, limits)).Message;

    private static DatasetRow[] Read(WorkbookBuilder book) => Read(book.Build());

    private static DatasetRow[] Read(byte[] book, DatasetLimits? limits = null) => [.. ConversationReader.Read(new MemoryStream(book), limits, "a.xlsx")];
}
