{{ config(materialized='view') }}

with

leader_links as (
    select * from {{ ref('fct_leader_link') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

units as (
    select * from {{ ref('dim_unit') }}
),

links as (
    select
        leader_links.submission_id,
        leader_links.unit_code,
        leader_links.period,
        leader_links.sheet,
        leader_links.row,
        leader_links.person_key,
        leader_links.target_code,
        periods.ends_on,
        leader_links.is_active and district_target.value_zh is not null as is_district_link,
        leader_links.is_active and street_target.value_zh is not null as is_street_link
    from leader_links
    inner join periods on leader_links.period = periods.period
    left join classes as district_target
        on
            periods.rulebook_version = district_target.rulebook_version
            and district_target.class_code = 'district_target'
            and leader_links.target_kind = district_target.value_zh
    left join classes as street_target
        on
            periods.rulebook_version = street_target.rulebook_version
            and street_target.class_code = 'street_target'
            and leader_links.target_kind = street_target.value_zh
),

linked_districts as (
    select distinct
        unit_code,
        period,
        person_key,
        target_code
    from links
    where is_district_link
),

final as (
    select
        links.submission_id,
        links.unit_code,
        links.period,
        links.sheet,
        links.row,
        links.person_key,
        links.target_code,
        links.is_district_link,
        links.is_street_link,
        concat(links.unit_code, '/', links.person_key) as subject_key,
        links.is_street_link and linked_districts.target_code is not null as is_inside_street_link
    from links
    left join units
        on
            links.target_code = units.unit_code
            and {{ valid_on('units.valid_from', 'units.valid_to', 'links.ends_on') }}
    left join linked_districts
        on
            links.unit_code = linked_districts.unit_code
            and links.period = linked_districts.period
            and links.person_key = linked_districts.person_key
            and units.district_code = linked_districts.target_code
)

select * from final
