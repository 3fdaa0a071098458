//! What only the whole configuration shows: which fields a table lives by, what its fields say of each other, which headings clash.

use std::collections::BTreeMap;

use super::known::{self, Known, Need};
use super::table::{Constraint, Field, FieldKind, HeadingMatch, Owner, Table};
use super::{Fault, Role};
use crate::value::text::fold;

/// How alike a name must be to one that the program knows to be taken for a slip of it.
const ALIKE: f64 = 0.8;

/// Copies restated fields across, builds the heading indexes, and says what does not fit together.
pub(super) fn link(tables: &mut Vec<Table>, is_whole: bool, faults: &mut Vec<Fault>) {
    twice(tables, faults);
    if is_whole {
        missing_tables(tables, faults);
    }
    questions(tables, faults);
    same_types(tables, faults);
    for table in tables.iter() {
        names(table, faults);
        own_headings(table, faults);
        relations(table, faults);
        lives_by(table, faults);
    }
    carried_on(tables);
    let sources: BTreeMap<String, Vec<Field>> = tables
        .iter()
        .map(|t| (t.name.clone(), t.fields.clone()))
        .collect();
    for table in tables.iter_mut() {
        if let Some(source) = table.restates.clone() {
            match sources.get(&source) {
                None if is_whole => faults.push(fault(
                    table,
                    "name",
                    format!("`restates` names the table `{source}`, which no file describes"),
                )),
                None => {}
                Some(fields) => restate(table, fields),
            }
        }
        index(table, faults);
        let questions = table.answers.iter().map(|question| question.field.clone());
        table.question_table = (!table.answers.is_empty()).then(|| {
            Box::new(Table {
                fields: questions.collect(),
                answers: Vec::new(),
                primary_key: Vec::new(),
                unique: Vec::new(),
                rows_minimum: 0,
                block_title: None,
                index: BTreeMap::new(),
                quarter_index: BTreeMap::new(),
                ..table.clone()
            })
        });
    }
}

fn fault(table: &Table, key: &'static str, message: String) -> Fault {
    Fault {
        file: table.file.clone(),
        line: table.lines.get(key).copied().unwrap_or_default(),
        message,
    }
}

fn fault_at(table: &Table, line: usize, message: String) -> Fault {
    Fault {
        file: table.file.clone(),
        line,
        message,
    }
}

/// A table is described once.
fn twice(tables: &mut Vec<Table>, faults: &mut Vec<Fault>) {
    let mut seen: BTreeMap<String, (String, usize)> = BTreeMap::new();
    tables.retain(|table| {
        let here = (
            table.file.clone(),
            table.lines.get("name").copied().unwrap_or_default(),
        );
        if let Some((file, line)) = seen.get(&table.name) {
            faults.push(fault(
                table,
                "name",
                format!(
                    "the table `{}` is described twice, here and in {file}:{line}",
                    table.name
                ),
            ));
            return false;
        }
        seen.insert(table.name.clone(), here);
        true
    });
}

/// Tables without which the others come to nothing, and names that are a slip of one that the program knows.
fn missing_tables(tables: &[Table], faults: &mut Vec<Fault>) {
    let has = |name: &str| tables.iter().any(|table| table.name == name);
    for table in tables.iter().filter(|table| !known::is_table(&table.name)) {
        let near = known::TABLES.iter().find(|(name, _)| {
            let is_alike =
                strsim::normalized_damerau_levenshtein(name, &table.name.to_lowercase()) >= ALIKE;
            let of_it = || {
                let own = known::of_table(name).filter(|known| {
                    known.need == Need::Always
                        && table.fields.iter().any(|field| is_field(known, field))
                });
                own.count()
            };
            let all = known::of_table(name)
                .filter(|known| known.need == Need::Always)
                .count();
            !has(name) && (is_alike || all >= 3 && of_it() == all)
        });
        if let Some((name, what)) = near {
            faults.push(fault(
                table,
                "name",
                format!(
                    "`{}` is no table of this program, and `{name}` is missing: {what} would not be read; did you mean `{name}`?",
                    table.name
                ),
            ));
        }
    }
    for (name, with) in [
        ("actions", &["updates"][..]),
        ("updates", &["actions"][..]),
        (
            "funding_lines",
            &["spend", "claims", "virements", "ledger"][..],
        ),
    ] {
        let Some(other) = with
            .iter()
            .find_map(|with| tables.iter().find(|table| table.name == **with))
        else {
            continue;
        };
        // Said already where it is a slip of the name.
        let is_said = faults
            .iter()
            .any(|fault| fault.message.contains(&format!("did you mean `{name}`")));
        if !has(name) && !is_said {
            let what = known::TABLES
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, what)| what);
            faults.push(fault(
                other,
                "name",
                format!(
                    "no file describes the table `{name}`, which `{}` lives by: {what} would not be read",
                    other.name
                ),
            ));
        }
    }
}

fn is_field(known: &Known, field: &Field) -> bool {
    known::field(known.table, &field.name)
        .is_some_and(|found| (found.field, found.is_quarterly) == (known.field, known.is_quarterly))
}

/// A question is asked once, and is no heading of its table.
fn questions(tables: &[Table], faults: &mut Vec<Fault>) {
    for table in tables {
        let mut seen: BTreeMap<&str, &Field> = BTreeMap::new();
        for field in table.answers.iter().map(|question| &question.field) {
            for heading in field.headings.iter() {
                match seen.get(heading.as_str()) {
                    Some(other) if other.line != field.line => faults.push(fault_at(
                        table,
                        field.line,
                        format!(
                            "the question `{heading}` is asked by both `{}` (line {}) and `{}` (line {})",
                            other.name, other.line, field.name, field.line
                        ),
                    )),
                    Some(_) => {}
                    None => {
                        seen.insert(heading, field);
                    }
                }
            }
        }
    }
}

/// A declared field of updates and the plan's quarterly one of the same name are one thing.
fn same_types(tables: &[Table], faults: &mut Vec<Fault>) {
    let find = |name: &str| tables.iter().find(|table| table.name == name);
    let Some((plan, updates)) = find("actions").zip(find("updates")) else {
        return;
    };
    for field in updates.fields.iter().filter(|field| field.is_declared) {
        let of_plan = plan
            .fields
            .iter()
            .find(|other| other.quarter == Some(1) && other.name.get(3..) == Some(&field.name));
        if let Some(other) = of_plan.filter(|other| other.kind != field.kind) {
            faults.push(fault_at(
                updates,
                field.line,
                format!(
                    "`{}` is of type {} here and of type {} in {}:{}, where the plan keeps it quarter by quarter",
                    field.name,
                    field.kind.word(),
                    other.kind.word(),
                    plan.file,
                    other.line
                ),
            ));
        }
    }
}

/// A field under a heading that this program's own sheets use for what it works out could not be told from that.
fn own_headings(table: &Table, faults: &mut Vec<Fault>) {
    for field in table.fields.iter().filter(|field| field.is_declared) {
        if let Some(heading) = table
            .computed
            .iter()
            .find(|own| **own == fold(&field.title))
        {
            faults.push(fault_at(
                table,
                field.line,
                format!(
                    "the title of `{}` is `{heading}`, under which this program's own sheet gives something else: choose another title",
                    field.name
                ),
            ));
        }
    }
}

/// Lists of field names name fields.
fn names(table: &Table, faults: &mut Vec<Fault>) {
    let sets: Vec<String> = table.unique.iter().flatten().cloned().collect();
    let block_title: Vec<String> = table.block_title.iter().cloned().collect();
    for (key, names) in [
        ("primary_key", &table.primary_key),
        ("row_held_with", &table.row_held_with),
        ("unfilled_without", &table.unfilled_without),
        ("prefilled", &table.prefilled),
        ("unique", &sets),
        ("block_title", &block_title),
    ] {
        for name in names {
            if table.field(name).is_none() {
                faults.push(fault(
                    table,
                    key,
                    format!(
                        "`{key}` names `{name}`, which is no field of this table{}",
                        near(table, name)
                    ),
                ));
            }
        }
    }
    for set in table.unique.iter().filter(|set| set.len() < 2) {
        faults.push(fault(
            table,
            "unique",
            format!(
                "`unique` lists fields that together may not say the same twice; for {} alone write constraints = {{ unique = true }}",
                set.first().map_or("one", String::as_str)
            ),
        ));
    }
}

/// The nearest name that there is.
fn near(table: &Table, name: &str) -> String {
    table
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .find(|own| strsim::normalized_damerau_levenshtein(own, name) >= 0.6)
        .map_or_else(String::new, |own| format!("; did you mean `{own}`?"))
}

/// What fields say of one another.
fn relations(table: &Table, faults: &mut Vec<Fault>) {
    let fields: Vec<&Field> = table.fields.iter().collect();
    let questions: Vec<&Field> = table
        .answers
        .iter()
        .map(|question| &question.field)
        .collect();
    of_one_kind(table, &fields, "field of this table", faults);
    of_one_kind(table, &questions, "question of this table", faults);
}

fn of_one_kind(table: &Table, fields: &[&Field], what: &str, faults: &mut Vec<Fault>) {
    let near = |name: &str| {
        fields
            .iter()
            .map(|field| field.name.as_str())
            .find(|own| strsim::normalized_damerau_levenshtein(own, name) >= 0.6)
            .map_or_else(String::new, |own| format!("; did you mean `{own}`?"))
    };
    for field in fields {
        let Constraint {
            required_if,
            at_most,
            at_least,
            after,
            enum_by,
            ..
        } = &field.constraint;
        let mut say = |message: String| faults.push(fault_at(table, field.line, message));
        for (key, name) in [
            ("at_most", at_most),
            ("at_least", at_least),
            ("after", after),
        ] {
            let Some(name) = name else { continue };
            let Some(other) = fields.iter().find(|other| other.name == *name) else {
                say(format!(
                    "`{key}` of `{}` names `{name}`, which is no {what}{}",
                    field.name,
                    near(name)
                ));
                continue;
            };
            if family(field.kind) != family(other.kind) {
                say(format!(
                    "`{key}` of `{}` compares it with `{name}`, which is of type {}: the two can never be compared",
                    field.name,
                    other.kind.word()
                ));
            }
        }
        if let Some(condition) = required_if {
            match fields.iter().find(|other| other.name == condition.field) {
                None => say(format!(
                    "`required_if` of `{}` names `{}`, which is no {what}{}",
                    field.name,
                    condition.field,
                    near(&condition.field)
                )),
                Some(other) => {
                    for word in &condition.values {
                        if !may_say(other, word) {
                            say(format!(
                                "`required_if` of `{}` waits for “{word}”, which is none of the choices of `{}`",
                                field.name, other.name
                            ));
                        }
                    }
                }
            }
        }
        if let Some(by) = enum_by {
            match fields.iter().find(|other| other.name == by.field) {
                None => say(format!(
                    "`enum_by` of `{}` names `{}`, which is no {what}{}",
                    field.name,
                    by.field,
                    near(&by.field)
                )),
                Some(other) => {
                    for (word, _) in &by.lists {
                        if !may_say(other, word) {
                            say(format!(
                                "`enum_by` of `{}` has a list for “{word}”, which is none of the choices of `{}`",
                                field.name, other.name
                            ));
                        }
                    }
                }
            }
            if by.lists.is_empty() {
                say(format!("`enum_by` of `{}` has no list", field.name));
            }
        }
    }
}

/// Kinds that can be compared with one another.
fn family(kind: FieldKind) -> u8 {
    match kind {
        FieldKind::Money | FieldKind::Number => 0,
        FieldKind::Date | FieldKind::Timescale => 1,
        _ => 2,
    }
}

/// Whether a field's cells can say a word: any word where the field has no choices of its own.
fn may_say(field: &Field, word: &str) -> bool {
    let wanted = fold(word);
    field.kind != FieldKind::Choice
        || field
            .choices
            .iter()
            .any(|choice| choice.words.contains(&wanted) || fold(&choice.label) == wanted)
}

/// What the program asks for by name is there, under the kind that it can work with.
fn lives_by(table: &Table, faults: &mut Vec<Fault>) {
    if !known::is_table(&table.name) {
        for name in &table.without {
            faults.push(fault(
                table,
                "without",
                format!(
                    "`without` names `{name}`, and the program knows no field of a table `{}`",
                    table.name
                ),
            ));
        }
        return;
    }
    for name in &table.without {
        let known = known::of_table(&table.name).find(|known| known.field == name);
        let message = match known {
            None => format!("`without` names `{name}`, which the program does not ask for"),
            Some(known) if known.need == Need::Always => format!(
                "`{}` cannot be without `{name}`: {}",
                table.name, known.loss
            ),
            Some(known) if table.fields.iter().any(|field| is_field(known, field)) => {
                format!("`without` names `{name}`, which the table has")
            }
            Some(_) => continue,
        };
        faults.push(fault(table, "without", message));
    }
    for known in known::of_table(&table.name) {
        let own: Vec<&Field> = table
            .fields
            .iter()
            .filter(|field| is_field(known, field))
            .collect();
        if let Some(field) = own.first() {
            kind_fits(table, known, field, faults);
            continue;
        }
        let slip = table
            .fields
            .iter()
            .find(|field| is_slip(table, known, field));
        let spoken = if known.is_quarterly {
            format!("{}` with quarterly = true", known.field)
        } else {
            format!("{}`", known.field)
        };
        if let Some(field) = slip {
            faults.push(fault_at(
                table,
                field.line,
                format!(
                    "`{}` is no name of this program's, and `{}` is missing from `{}`: without it {}; did you mean `{spoken}?",
                    field.name, known.field, table.name, known.loss
                ),
            ));
        } else if known.need == Need::Always {
            faults.push(fault(
                table,
                "name",
                format!(
                    "the table `{}` has no field `{spoken}, type \"{}\": without it {}",
                    table.name,
                    known.kind.word(),
                    known.loss
                ),
            ));
        } else if known.need == Need::Told && !table.without.iter().any(|name| name == known.field)
        {
            faults.push(fault(
                table,
                "name",
                format!(
                    "the table `{}` has no field `{spoken}, type \"{}\": without it {}; if that is meant, say so in [table]: without = [\"{}\"]",
                    table.name,
                    known.kind.word(),
                    known.loss,
                    known.field
                ),
            ));
        }
    }
}

/// Whether a declared field is a known one under a wrong name: nearly its name, or its very title.
fn is_slip(table: &Table, known: &Known, field: &Field) -> bool {
    if !field.is_declared || field.is_restated {
        return false;
    }
    let name = match field.quarter {
        Some(_) => field.name.get(3..).unwrap_or_default(),
        None => field.name.as_str(),
    };
    let is_other_word = known::of_table(&table.name).any(|other| other.field == name);
    let is_alike = strsim::normalized_damerau_levenshtein(known.field, name) >= ALIKE;
    let title = known.field.replace('_', " ");
    let is_titled = fold(&field.title) == title || known.is_titled(&field.title);
    // `target` as a plain field is not a slip of the quarterly one.
    !is_other_word && (is_alike || is_titled && known.is_quarterly == field.quarter.is_some())
        || is_other_word && name == known.field && known.is_quarterly != field.quarter.is_some()
}

fn kind_fits(table: &Table, known: &Known, field: &Field, faults: &mut Vec<Fault>) {
    if field.kind != known.kind {
        faults.push(fault_at(
            table,
            field.line,
            format!(
                "`{}` of `{}` must be of type \"{}\", not \"{}\": else {}",
                known.field,
                table.name,
                known.kind.word(),
                field.kind.word(),
                known.loss
            ),
        ));
        return;
    }
    if known.values.is_empty() {
        return;
    }
    for choice in &field.choices {
        if !known.values.contains(&choice.value.as_str()) {
            faults.push(fault_at(
                table,
                field.line,
                format!(
                    "`{}` is no value of `{}` that this program knows: use {}",
                    choice.value,
                    known.field,
                    known.values.join(", ")
                ),
            ));
        }
    }
}

/// What a claim declares stands on the Spend sheet beside the claim, and is read from there again.
fn carried_on(tables: &mut [Table]) {
    let declared: Vec<Field> = tables
        .iter()
        .filter(|table| table.name == "claims")
        .flat_map(|table| {
            table
                .fields
                .iter()
                .filter(|field| field.is_declared)
                .cloned()
        })
        .collect();
    if let Some(spend) = tables.iter_mut().find(|table| table.name == "spend") {
        restate(spend, &declared);
        for field in spend.fields.iter_mut().filter(|field| field.is_restated) {
            field.owner = Owner::Partnership;
        }
    }
}

fn restate(table: &mut Table, fields: &[Field]) {
    for field in fields {
        if table.field(&field.name).is_some() {
            continue;
        }
        let mut copy = field.clone();
        copy.constraint = Constraint {
            minimum: field.constraint.minimum,
            maximum: field.constraint.maximum,
            pattern: field.constraint.pattern.clone(),
            format: field.constraint.format,
            is_whole: field.constraint.is_whole,
            words_maximum: field.constraint.words_maximum,
            ..Constraint::default()
        };
        copy.is_restated = true;
        // What the table calls something itself is not also the restated field's.
        let own: Vec<String> = table
            .fields
            .iter()
            .filter(|f| !f.is_restated)
            .flat_map(|f| f.headings.iter().cloned())
            .collect();
        copy.headings = copy
            .headings
            .iter()
            .filter(|heading| !own.contains(heading))
            .cloned()
            .collect();
        table.fields.push(copy);
    }
}

/// Which heading names which field; two fields under one heading are a mistake, told with both places.
fn index(table: &mut Table, faults: &mut Vec<Fault>) {
    let mut clashes = Vec::new();
    for (at, field) in table.fields.iter().enumerate() {
        let title = fold(&field.title);
        let name = field.name.replace('_', " ");
        let mut clash = |heading: &str, other: usize, beside: &str| {
            let Some(other) = table
                .fields
                .get(other)
                .filter(|other| other.name != field.name)
            else {
                return;
            };
            // A quarterly field is four of one entry.
            if other.line == field.line && other.is_restated == field.is_restated {
                return;
            }
            clashes.push(Fault {
                file: table.file.clone(),
                line: field.line,
                message: format!(
                    "the heading `{heading}`{beside} is claimed by both `{}` (line {}) and `{}` (line {}): only one of them could have it",
                    other.name, other.line, field.name, field.line
                ),
            });
        };
        for heading in field.headings.iter() {
            let basis = if *heading == title || *heading == name {
                HeadingMatch::Title
            } else {
                HeadingMatch::Alias
            };
            if let Some((other, _)) = table.index.insert(heading.clone(), (at, basis)) {
                clash(heading, other, "");
            }
        }
        for heading in field.quarter_headings.iter() {
            let key = if field.is_of_quarter {
                None
            } else {
                field.quarter
            };
            let taken = *table
                .quarter_index
                .entry((key, heading.clone()))
                .or_insert(at);
            if taken != at {
                clash(heading, taken, " beside its quarter");
            }
        }
    }
    faults.extend(clashes);
}

/// What is no mistake and yet worth knowing: each a sentence about one table.
pub(super) fn notes(tables: &[Table]) -> Vec<String> {
    let mut out = Vec::new();
    for (name, what) in known::TABLES {
        if known::is_table(name) && !tables.iter().any(|table| table.name == name) {
            out.push(format!("No file describes the table `{name}`: {what} will not be read, and where a file has such a table it is named by H107."));
        }
    }
    for table in tables {
        for known in known::of_table(&table.name) {
            let is_there = table.fields.iter().any(|field| is_field(known, field));
            if !is_there {
                let word = if known.is_quarterly { "quarterly " } else { "" };
                out.push(format!(
                    "`{}` is without the {word}field `{}`: {}.",
                    table.name, known.field, known.loss
                ));
            }
        }
        let has_lead = table.field("lead_agency").is_some();
        let of_lead = table
            .fields
            .iter()
            .filter(|field| table.name == "actions" && !has_lead && field.owner == Owner::Lead);
        if of_lead.clone().next().is_some() {
            out.push(
                "`actions` has no lead: what only a lead may change, whoever reports may."
                    .to_owned(),
            );
        }
        if !known::is_table(&table.name) {
            let roles: Vec<&str> = table
                .found_in
                .iter()
                .map(|role: &Role| role.word())
                .collect();
            out.push(format!(
                "`{}` is a table of your own: looked for in every {}, read and judged; no sheet of the consolidated workbook carries it.",
                table.name,
                roles.join(" and ")
            ));
        }
    }
    out
}
