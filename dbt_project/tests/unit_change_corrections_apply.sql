-- a correction waits for what it was written against; when the lists change under it, somebody has to look at it again
with corrections as (
    select * from {{ ref('stg_reference__unit_change_correction') }}
),

changes as (
    select * from {{ ref('stg_reference__unit_change') }}
),

events as (
    select * from {{ ref('unit_events') }}
),

known_codes as (
    select distinct unit_code
    from {{ ref('stg_reference__unit_history') }}
    union
    select distinct unit_code
    from {{ ref('stg_reference__local_unit') }}
),

newest_lists as (
    select max(vintage_to) as newest_on
    from changes
),

found as (
    select
        corrections.correction_id,
        count(changes.event) as match_count
    from corrections
    left join changes
        on
            corrections.seen_on = changes.vintage_to
            and corrections.event = changes.event
            and coalesce(corrections.old_code, '') = coalesce(changes.old_code, '')
            and coalesce(corrections.new_code, '') = coalesce(changes.new_code, '')
            and coalesce(corrections.old_name, '') = coalesce(changes.old_name, '')
            and coalesce(corrections.new_name, '') = coalesce(changes.new_name, '')
    group by corrections.correction_id
),

problems as (
    select
        corrections.correction_id,
        case
            when corrections.action is null or corrections.action not in ('reclassify', 'resolve', 'reject', 'add')
                then 'unknown action'
            when corrections.reason is null or corrections.source_text is null then 'no reason or no source'
            when corrections.action <> 'add' and found.match_count <> 1 then 'what it expects is no longer in the lists'
            when corrections.action = 'add' and corrections.seen_on <= newest_lists.newest_on
                then 'a list covers its day now: take it from there'
            when corrections.action in ('reclassify', 'resolve') and corrections.set_event is null then 'says no event'
            when events.source_event is null then 'unknown event'
            when
                corrections.action = 'resolve'
                and corrections.set_old_code is null
                and corrections.set_new_code is null
                then 'names no other unit'
            when old_units.unit_code is null or new_units.unit_code is null then 'names a unit that nobody knows'
        end as problem
    from corrections
    inner join found on corrections.correction_id = found.correction_id
    cross join newest_lists
    left join events on coalesce(corrections.set_event, corrections.event) = events.source_event
    left join known_codes as old_units
        on
            coalesce(corrections.set_old_code, corrections.old_code, corrections.set_new_code, corrections.new_code)
            = old_units.unit_code
    left join known_codes as new_units
        on
            coalesce(corrections.set_new_code, corrections.new_code, corrections.set_old_code, corrections.old_code)
            = new_units.unit_code
)

select * from problems
where problem is not null
