{#- Keys of the same event in both tables; an end that is empty must meet an empty one. -#}
{%- set same_event -%}
changes.vintage_to = corrections.seen_on
            and changes.event = corrections.event
            and coalesce(changes.old_code, '') = coalesce(corrections.old_code, '')
            and coalesce(changes.new_code, '') = coalesce(corrections.new_code, '')
{%- endset -%}

with changes as (

    select * from {{ ref('stg_reference__unit_change') }}

),

corrections as (

    select * from {{ ref('stg_reference__unit_change_correction') }}

),

events as (

    select * from {{ ref('unit_events') }}

),

patterns as (

    select * from {{ name_patterns('unit_suffix') }}

),

street_codes as (

    select distinct unit_code
    from {{ ref('dim_unit') }}
    where unit_level = 'street'

),

listed as (

    select
        changes.vintage_from as after_on,
        changes.vintage_to as seen_on,
        changes.event as source_event,
        changes.province_code,
        changes.old_code,
        changes.old_name,
        changes.new_code,
        changes.new_name,
        changes.old_district as old_district_name,
        changes.new_district as new_district_name,
        corrections.correction_id,
        corrections.action,
        corrections.set_event,
        corrections.set_old_code,
        corrections.set_old_name,
        corrections.set_new_code,
        corrections.set_new_name,
        corrections.reason,
        corrections.source_text,
        substring(coalesce(changes.old_code, changes.new_code), 1, 4) as city_code,
        changes.event not in ('rename', 'parent_renamed') as is_new_code,
        {{ bare_name('changes.old_name', 'patterns') }} as old_stem,
        {{ bare_name('changes.new_name', 'patterns') }} as new_stem
    from changes
    cross join patterns
    left join corrections on {{ same_event }}

),

-- the heuristic matched by stem within a city: where a stem stood there twice, it may have taken the wrong one, unless
-- the unit stayed in its district or the streets of its district moved together
weighed as (

    select
        *,
        count(old_stem) over (partition by seen_on, city_code, old_stem, is_new_code) as old_stem_in_city_count,
        count(new_stem) over (partition by seen_on, city_code, new_stem, is_new_code) as new_stem_in_city_count,
        count(old_stem) over (partition by seen_on, city_code, old_district_name, old_stem, is_new_code)
            as old_stem_in_district_count,
        count(new_stem) over (partition by seen_on, city_code, new_district_name, new_stem, is_new_code)
            as new_stem_in_district_count,
        count(*) over (partition by seen_on, city_code, old_district_name, new_district_name, source_event)
            as moved_together_count
    from listed

),

graded as (

    select
        *,
        case
            when correction_id is not null then 'confirmed'
            when old_code is null or new_code is null or old_code = new_code then 'listed'
            when
                (old_district_name = new_district_name or moved_together_count > 1)
                and old_stem_in_district_count = 1
                and new_stem_in_district_count = 1
                then 'strong'
            when old_stem_in_city_count > 1 or new_stem_in_city_count > 1 then 'weak'
            else 'fair'
        end as confidence
    from weighed

),

corrected as (

    select
        after_on,
        seen_on,
        coalesce(set_event, source_event) as source_event,
        province_code,
        coalesce(set_old_code, old_code) as old_code,
        coalesce(set_old_name, old_name) as old_name,
        coalesce(set_new_code, new_code) as new_code,
        coalesce(set_new_name, new_name) as new_name,
        old_district_name,
        new_district_name,
        confidence,
        correction_id,
        reason,
        source_text
    from graded
    where coalesce(action, 'keep') <> 'reject'
    union all
    -- a match that is wrong falls apart into a unit that closed and one that opened
    select
        after_on,
        seen_on,
        'closed' as source_event,
        province_code,
        old_code,
        old_name,
        cast(null as string) as new_code,
        cast(null as string) as new_name,
        old_district_name,
        cast(null as string) as new_district_name,
        confidence,
        correction_id,
        reason,
        source_text
    from graded
    where action = 'reject'
    union all
    select
        after_on,
        seen_on,
        'opened' as source_event,
        province_code,
        cast(null as string) as old_code,
        cast(null as string) as old_name,
        new_code,
        new_name,
        cast(null as string) as old_district_name,
        new_district_name,
        confidence,
        correction_id,
        reason,
        source_text
    from graded
    where action = 'reject'
    union all
    -- what happened after the newest list is known from us alone, and to the day
    select
        seen_on as after_on,
        seen_on,
        event as source_event,
        substring(coalesce(new_code, old_code), 1, 2) as province_code,
        old_code,
        old_name,
        new_code,
        new_name,
        cast(null as string) as old_district_name,
        cast(null as string) as new_district_name,
        'confirmed' as confidence,
        correction_id,
        reason,
        source_text
    from corrections
    where action = 'add'

),

-- once a predecessor (or successor) is known, the bare opening (or closing) in the list says nothing more
explained as (

    select distinct
        seen_on,
        new_code as explained_code,
        'opened' as source_event
    from corrected
    where old_code is not null and correction_id is not null
    union
    select distinct
        seen_on,
        old_code as explained_code,
        'closed' as source_event
    from corrected
    where new_code is not null and correction_id is not null

),

final as (

    select
        events.event,
        events.event_zh,
        corrected.province_code,
        corrected.old_code,
        corrected.old_name,
        corrected.old_district_name,
        corrected.new_code,
        corrected.new_name,
        corrected.new_district_name,
        corrected.after_on,
        corrected.seen_on,
        corrected.confidence,
        corrected.correction_id,
        corrected.reason,
        corrected.source_text,
        concat(
            cast(corrected.seen_on as string), '/', events.event, '/',
            coalesce(corrected.old_code, ''), '/', coalesce(corrected.new_code, '')
        ) as change_key,
        coalesce(events.has_baseline, false) and corrected.confidence <> 'weak' as has_baseline,
        old_streets.unit_code is not null or new_streets.unit_code is not null as is_street_change
    from corrected
    inner join events on corrected.source_event = events.source_event
    left join explained
        on
            corrected.seen_on = explained.seen_on
            and corrected.source_event = explained.source_event
            and coalesce(corrected.old_code, corrected.new_code) = explained.explained_code
    left join street_codes as old_streets on corrected.old_code = old_streets.unit_code
    left join street_codes as new_streets on corrected.new_code = new_streets.unit_code
    where explained.explained_code is null

)

select * from final
