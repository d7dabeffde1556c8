with

changes as (
    select * from {{ ref('dim_unit_change') }}
    where is_street_change
),

dated_units as (
    select * from {{ ref('dim_unit') }}
    where unit_level = 'street'
),

-- names of the levels above are those of the last interval before, and of the first one after the change
places as (
    select
        unit_code,
        unit_name,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        row_number() over (partition by unit_code order by valid_from desc) as from_the_last
    from dated_units
),

last_places as (
    select * from places
    where from_the_last = 1
),

successors as (
    select
        old_code,
        seen_on,
        count(distinct new_code) as successor_count
    from changes
    where old_code is not null and new_code is not null
    group by old_code, seen_on
),

predecessors as (
    select
        new_code,
        seen_on,
        count(distinct old_code) as predecessor_count
    from changes
    where old_code is not null and new_code is not null
    group by new_code, seen_on
),

final as (
    select
        changes.change_key,
        changes.event,
        changes.event_zh,
        changes.old_code,
        changes.old_name,
        changes.new_code,
        changes.new_name,
        changes.after_on,
        changes.seen_on,
        changes.confidence,
        changes.has_baseline,
        changes.correction_id,
        changes.reason,
        changes.source_text,
        changes.old_district_name,
        changes.new_district_name,
        changes.province_code,
        cast(coalesce(successors.successor_count, 0) as integer) as successor_count,
        cast(coalesce(predecessors.predecessor_count, 0) as integer) as predecessor_count,
        coalesce(new_places.district_code, old_places.district_code) as district_code,
        coalesce(new_places.district_name, old_places.district_name) as district_name,
        coalesce(new_places.city_code, old_places.city_code) as city_code,
        coalesce(new_places.city_name, old_places.city_name) as city_name,
        coalesce(new_places.province_name, old_places.province_name) as province_name
    from changes
    left join successors
        on
            changes.old_code = successors.old_code
            and changes.seen_on = successors.seen_on
    left join predecessors
        on
            changes.new_code = predecessors.new_code
            and changes.seen_on = predecessors.seen_on
    left join last_places as new_places on changes.new_code = new_places.unit_code
    left join last_places as old_places on changes.old_code = old_places.unit_code
)

select
    change_key,
    event,
    event_zh,
    old_code,
    old_name,
    new_code,
    new_name,
    after_on,
    seen_on,
    confidence,
    has_baseline,
    successor_count,
    predecessor_count,
    correction_id,
    reason,
    source_text,
    old_district_name,
    new_district_name,
    district_code,
    district_name,
    city_code,
    city_name,
    province_code,
    province_name
from final
