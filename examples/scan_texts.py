"""What stands on the example scans: written for this project, about a town that does not exist."""

from __future__ import annotations

from training.pagegen.fonts import Style
from training.pagegen.layouts import Article, Form, Letter, Receipt, Table

A5_PT = (419.5, 595.3)

HARBOUR = Article(
    title="The harbour of Alder Quay",
    byline="From the town's yearbook, 1931",
    footer="14",
    paragraphs=(
        "The oldest part of the harbour is a wall of granite, 212 feet long, which was built to"
        " keep the winter storms out of the basin. Nobody knows who paid for it. The first bill"
        " in the town's books is dated 1704, and it is for repairs.",
        "For a hundred years the quay lived from salt and timber. Ships of forty tons could lie"
        " at the wall; larger ones had to wait in the bay and were unloaded by boats. A man with"
        " a good boat earned in one week what a teacher earned in a month.",
        "The railway changed that. In 1868 the line from Castle Hill reached the coast, and"
        " within ten years the timber went by train. The boats stayed, but now they caught fish.",
        "In the great flood of 1887 the basin was filled with sand. Three dredgers worked for"
        " two summers to clear it, and the cost (9,450 crowns) was shared by the town, the"
        " railway and the owners of the boats.",
        "Today the harbour has a lamp, a crane and a waiting room for the ferry. The crane lifts"
        " five tons. The waiting room is heated in winter, and on Thursdays there is a market"
        " under its long roof.",
        "Visitors often ask about the ring of iron that is set into the wall. It is said to be"
        " for a ship that never came back; but the harbour master, Mr. Quist, believes that it"
        " was for the dredgers.",
    ),
)

LETTER = Letter(
    sender=("Clara Voss", "7 Elm Square, Alder Quay"),
    date="3 March 1931",
    style=Style.SERIF,
    size_page_pt=A5_PT,
    paragraphs=(
        "Dear Mr. Lund,",
        "Thank you for the box of papers, which arrived on Monday. I have begun to sort them by"
        " year. Most are bills; but there are also 38 letters from your grandmother, and a map"
        " of the harbour that I had never seen.",
        "The map is torn in two places. May I have it mended? The bookbinder asks for 12 crowns"
        " and needs it until Easter.",
        "With kind regards, Clara Voss",
    ),
)

TYPESCRIPT = Letter(
    sender=("HARBOUR OFFICE", "Alder Quay"),
    date="17.09.1938",
    size_page_pt=A5_PT,
    size_pt=10,
    paragraphs=(
        "To all owners of boats",
        "From 1 October the lamp at the end of the wall will burn from dusk to dawn. Boats that"
        " come in by night must show a light at the bow and pass the lamp on the left side.",
        "The fee for a berth is 15 crowns a month and is to be paid at this office between 8 and"
        " 12 o'clock. Those who pay for a whole year are given one month free.",
        "F. Quist, harbour master",
    ),
)

MINUTES = tuple(
    Letter(
        sender=(f"Minutes of the council, page {number}",),
        date=date,
        style=Style.SERIF,
        size_page_pt=A5_PT,
        size_pt=10.5,
        paragraphs=paragraphs,
    )
    for number, date, paragraphs in (
        (
            1,
            "5 May 1932",
            (
                "Present: Holt, Frey, Lund, Marsh, Quist. Excused: Voss.",
                "1. The minutes of 7 April were read and accepted.",
                "2. Mr. Quist reported that the crane cannot lift more than three tons since the"
                " frost. A new chain costs 240 crowns. The council agreed to buy it.",
                "3. Mrs. Frey asked for a second lamp in Dove Street. Put off until June.",
            ),
        ),
        (
            2,
            "2 June 1932",
            (
                "Present: all.",
                "1. The minutes of 5 May were read and accepted.",
                "2. The chain was delivered on 20 May and fitted the same week. The crane was"
                " tried with a load of five tons; it held.",
                "3. A second lamp in Dove Street: four votes for, two against.",
            ),
        ),
        (
            3,
            "7 July 1932",
            (
                "Present: Frey, Lund, Marsh, Quist, Voss.",
                "1. The school asks for new windows. Mr. Marsh will look at them and report.",
                "2. The market brought 86 crowns in June, after 71 in May.",
                "3. There being nothing else, the meeting was closed at half past eight.",
            ),
        ),
    )
)

LEDGER = (
    Table(
        title="Berths paid in May 1932",
        header=("Owner", "Boat", "Berth", "Crowns"),
        rows=(
            ("Anna Holt", "Swift", "1", "15"),
            ("Ben Marsh", "Blue Jay", "2", "15"),
            ("Frank Quist", "Old Maid", "3", "30"),
            ("Edith Frey", "Zephyr", "5", "15"),
            ("David Lund", "Kite", "6", "165"),
            ("Jonas Pike", "Wren", "8", "15"),
        ),
        columns_pt=(150, 140, 70, 90),
    ),
    Table(
        title="Berths paid in June 1932",
        header=("Owner", "Boat", "Berth", "Crowns"),
        rows=(
            ("Anna Holt", "Swift", "1", "15"),
            ("Ben Marsh", "Blue Jay", "2", "15"),
            ("Edith Frey", "Zephyr", "5", "30"),
            ("Harald Vogt", "Grebe", "7", "15"),
            ("Jonas Pike", "Wren", "8", "15"),
        ),
        columns_pt=(150, 140, 70, 90),
        has_grid=False,
    ),
)

RECEIPT = Receipt(
    head=("QUAY STORES", "ELM SQUARE 12", "14.08.1996 10:42"),
    items=(
        ("RYE BREAD", "2.40"),
        ("BUTTER 250G", "1.95"),
        ("COFFEE 500G", "6.80"),
        ("APPLES 1KG", "2.10"),
        ("LAMP OIL 1L", "4.75"),
        ("STRING 50M", "3.20"),
    ),
    sums=(("TOTAL", "21.20"), ("CASH", "25.00"), ("CHANGE", "3.80")),
    foot=("NO 00418 TILL 2", "THANK YOU"),
)

FORM = Form(
    title="Application for a reader's card",
    note="Please write clearly. One card for each person.",
    fields=(
        ("Name", "Edith Frey"),
        ("Street and number", "Dove Street 23"),
        ("Town", "Alder Quay"),
        ("Occupation", "Boat builder"),
    ),
    combs=(("Date of birth", "17041901"), ("Card number", "5083462")),
)

NOTICE = Article(
    title="Lost and found",
    byline="Ferry office, Alder Quay",
    columns=1,
    size_page_pt=A5_PT,
    size_pt=13,
    paragraphs=(
        "Found on the morning ferry: one umbrella (black), two gloves (both left), a book about"
        " bees, and a key with the number 318.",
        "Lost between the quay and the market: a silver watch. The finder is asked to bring it"
        " to the ferry office and will receive 20 crowns.",
    ),
)
