-- Reading numbers and dates as Indian publications print them. Both return null for a text that
-- is not fully understood; admission turns that into a reason.

create or replace function ops.read_number(cell text, plain numeric, stored numeric)
returns numeric
language plpgsql immutable strict parallel safe as $$
declare
    words constant text := '\s*(lakh cr(ores?|\.)?|crores?|cr\.?|lakhs?|lacs?|billions?|bn|millions?|mn|thousand)$';
    bare text := btrim(lower(replace(translate(cell, chr(160) || chr(8239) || '−', '  -'), '₹', 'rs')));
    word text;
    scale numeric;
begin
    if length(bare) > 100 then
        return null;
    end if;
    bare := regexp_replace(bare, '^(-?)\s*(rs\.?|inr|re\.)\s*', '\1');
    bare := regexp_replace(bare, '\s*/-$', '');
    if bare ~ '^\([^()]*\)$' then
        bare := '-' || btrim(bare, '()');
    end if;
    word := (regexp_match(bare, words))[1];
    scale := case
        when word is null then plain
        when word like 'lakh cr%' then 1000000000000 / stored
        when word like 'cr%' then 10000000 / stored
        when word like 'la%' then 100000 / stored
        when word like 'b%' then 1000000000 / stored
        when word like 'm%' then 1000000 / stored
        else 1000 / stored
    end;
    bare := regexp_replace(bare, words, '');
    if bare !~ '^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3})(\.[0-9]+)?$' then
        return null;
    end if;
    return trim_scale(replace(bare, ',', '')::numeric * scale);
end
$$;
comment on function ops.read_number(text, numeric, numeric) is
'1,50,590 · ₹ 1.46 lakh crore · Rs. 23,622 crore · (12.5) → numeric in the stored unit. A number '
'without a scale word is multiplied by plain, one with a word is divided by stored; null when the '
'text is not understood.';

create or replace function ops.read_integer(cell text) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
    number numeric := ops.read_number(cell, 1, 1);
begin
    return case
        when number = trunc(number) and number between -9223372036854775808 and 9223372036854775807
            then number
    end;
end
$$;
comment on function ops.read_integer(text) is
'A whole number as read_number reads it; null when it is not whole or does not fit.';

create or replace function ops.read_date(cell text, formats text[]) returns date
language plpgsql immutable strict parallel safe as $$
declare
    months constant text[] := array[
        'january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september',
        'october', 'november', 'december'
    ];
    bare text := btrim(replace(cell, chr(160), ' '));
    format text;
    parts text[];
    iso text;
begin
    foreach format in array formats loop
        parts := case format
            when 'DD-MM-YYYY' then regexp_match(bare, '^([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})$')
            when 'DD/MM/YYYY' then regexp_match(bare, '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})$')
            when 'DD.MM.YYYY' then regexp_match(bare, '^([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})$')
            when 'DD Mon YYYY' then regexp_match(
                bare, '^([0-9]{1,2})[ -]([A-Za-z]{3,9})[.]?,?[ -]([0-9]{4})$'
            )
            when 'Mon DD, YYYY' then (
                select array[m[2], m[1], m[3]]
                from regexp_match(bare, '^([A-Za-z]{3,9})[.]? ([0-9]{1,2}),? ([0-9]{4})$') as m
            )
        end;
        if parts[2] ~ '[A-Za-z]' then
            parts[2] := (
                select place::text
                from unnest(months) with ordinality as month (name, place)
                where starts_with(name, lower(parts[2]))
            );
        end if;
        iso := parts[3] || '-' || lpad(parts[2], 2, '0') || '-' || lpad(parts[1], 2, '0');
        if iso is not null and pg_input_is_valid(iso, 'date') then
            return iso::date;
        end if;
    end loop;
    return null;
end
$$;
comment on function ops.read_date(text, text[]) is
'A date in one of the named spellings → date; null when none fits.';
