using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Splits;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Three parts of a dataset: each row in one of them, similar rows together, the same each time.</summary>
public sealed class SplitTests
{
    private static readonly DatasetRow[] Reports = [.. Enumerable.Range(0, 300).Select(i =>
        Row(i, $"Informe {i % 60} sobre {(char)('a' + i % 60 % 26)}{(char)('a' + i % 60 / 26)}xo de 'Proyecto {i}'.", $"{i}"))];

    public static DatasetRow Row(int line, string question, string reply) =>
        new(line, new([new(ChatRole.User, question), new(ChatRole.Assistant, reply)]), null);

    [Theory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(2, 1, 0, 1)]
    [InlineData(4, 3, 0, 1)]
    [InlineData(10, 8, 1, 1)]
    [InlineData(40, 32, 4, 4)]
    public void Parts_have_the_sizes_that_are_asked_for_and_there_is_always_a_row_to_learn(int rows, int train, int validation, int test)
    {
        DatasetSplit split = Split([.. Enumerable.Range(0, rows).Select(i => Row(i, $"{(char)('a' + i % 26)}{(char)('a' + i / 26)} wird gefragt", "r"))]);
        Assert.Equal((train, validation, test), (split.Train.Count, split.Validation.Count, split.Test.Count));
    }

    [Fact]
    public void Every_row_is_in_one_part_and_in_the_same_one_in_any_order()
    {
        DatasetSplit split = Split(Reports), again = Split([.. Reports.Reverse()]);
        Assert.Equal(Lines(Reports), Lines([.. split.Train, .. split.Validation, .. split.Test]));
        Assert.Equal(Lines(split.Test), Lines(again.Test));
        Assert.Equal(Lines(split.Validation), Lines(again.Validation));
        Assert.NotEqual(Lines(split.Test), Lines(DatasetSplit.Of(Reports, 0.1, 0.1, seed: 2).Test));
    }

    [Fact]
    public void Rows_of_one_template_are_on_one_side()
    {
        DatasetSplit split = Split(Reports);
        HashSet<string> learned = [.. split.Train.Select(Template)];
        Assert.Equal(30, split.Test.Count);
        Assert.DoesNotContain(split.Test.Concat(split.Validation).Select(Template), learned.Contains);

        static string Template(DatasetRow row) => Skeleton.Of(row.Conversation!.Messages[0].Content!);
    }

    [Fact]
    public void A_template_that_is_the_whole_set_is_divided_all_the_same() =>
        Assert.Equal(5, Split([.. Enumerable.Range(0, 50).Select(i => Row(i, $"Update de 'Proyecto {i}'.", "r"))]).Test.Count);

    [Fact]
    public void Few_rows_have_some_to_choose_by_only_where_something_is_chosen()
    {
        DatasetRow[] four = Reports[..4];
        Assert.Empty(Split(four).Validation);
        Assert.Single(DatasetSplit.Of(four, 0.1, 0.1, 1, needsValidation: true).Validation);
        Assert.Empty(DatasetSplit.Of(four, 0.1, 0, 1).Test);
    }

    private static DatasetSplit Split(IReadOnlyList<DatasetRow> rows) => DatasetSplit.Of(rows, 0.1, 0.1, seed: 1);

    private static IEnumerable<int> Lines(IReadOnlyList<DatasetRow> rows) => rows.Select(r => r.Line).Order();
}
