using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Drawing;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using FineTuneChat.Documents.Reading;
using Shape = DocumentFormat.OpenXml.Presentation.Shape;
using Text = DocumentFormat.OpenXml.Drawing.Text;

namespace FineTuneChat.Documents.Formats;

/// <summary>A PowerPoint presentation: slide by slide in the order of showing, with the speaker's notes.</summary>
internal static class SlideFormat
{
    public static string Read(Stream stream, PassageWriter passages)
    {
        using var file = PresentationDocument.Open(stream, isEditable: false);
        PresentationPart main = file.PresentationPart ?? throw new InvalidDataException("it has no slides.");
        SlideId[] slides = [.. main.Presentation?.SlideIdList?.Elements<SlideId>() ?? []];
        passages.CheckPages(slides.Length);
        foreach ((int i, SlideId id) in slides.Index())
            if (id.RelationshipId?.Value is { } relation && main.GetPartById(relation) is SlidePart slide)
                Add(slide, new(PlaceKind.Slide, i + 1), passages);
        return "PowerPoint";
    }

    private static void Add(SlidePart slide, Place place, PassageWriter passages)
    {
        Shape? title = slide.Slide?.Descendants<Shape>().FirstOrDefault(IsTitle);
        passages.Open(1, "");
        if (title is not null)
            passages.AddHeading(1, string.Join(' ', Paragraphs(title)), place);
        foreach (OpenXmlElement frame in slide.Slide?.Descendants().Where(e => e is Shape or TableRow) ?? [])
            if (frame is TableRow row)
                passages.Add(string.Join(" | ", row.Elements<TableCell>().Select(cell => string.Join(' ', Paragraphs(cell)))), place);
            else if (frame != title)
                passages.Add(string.Join('\n', Paragraphs(frame)), place);
        if (slide.NotesSlidePart?.NotesSlide is { } notes)
            foreach (Shape shape in notes.Descendants<Shape>().Where(s => Kind(s) == PlaceholderValues.Body))
                passages.Add(string.Join('\n', Paragraphs(shape)), place);
    }

    private static bool IsTitle(Shape shape) => Kind(shape) is { } kind && (kind == PlaceholderValues.Title || kind == PlaceholderValues.CenteredTitle);

    private static PlaceholderValues? Kind(Shape shape) =>
        shape.NonVisualShapeProperties?.ApplicationNonVisualDrawingProperties?.PlaceholderShape?.Type?.Value;

    private static IEnumerable<string> Paragraphs(OpenXmlElement element) => element.Descendants<Paragraph>()
        .Select(p => string.Concat(p.Descendants().Select(e => e is Text text ? text.Text : e is Break ? "\n" : "")))
        .Where(text => !string.IsNullOrWhiteSpace(text));
}
