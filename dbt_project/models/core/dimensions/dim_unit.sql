{%- set attributes -%}
unit_code, unit_name, unit_level, admin_parent_code, reporting_parent_code, district_code, district_name,
        city_code, city_name, province_code, province_name, has_no_district_level
{%- endset -%}

{#- Stands for an open end while intervals are compared; the table itself has null there. -#}
{%- set far = "cast('9999-12-31' as date)" -%}

-- streets that the newest list still has and of which we know that they have gone since
with closures as (

    select
        old_code as unit_code,
        min(seen_on) as closed_on
    from {{ ref('stg_reference__unit_change_correction') }}
    where
        action = 'add'
        and old_code is not null
        and old_code <> coalesce(new_code, '')
    group by old_code

),

unit_history as (

    select
        listed.*,
        closures.closed_on
    from {{ ref('stg_reference__unit_history') }} as listed
    left join closures on listed.unit_code = closures.unit_code
    where listed.is_street

),

local_units as (

    select * from {{ ref('stg_reference__local_unit') }}

),

overrides as (

    select
        unit_code,
        reporting_parent_code,
        valid_from,
        coalesce(valid_to, {{ far }}) as valid_to
    from {{ ref('stg_reference__reporting_override') }}

),

builds as (

    select {{ utc_to_local_date('known_at') }} as known_on
    from {{ ref('stg_ledger__build') }}

),

-- the lists fill every level: a municipality is its own city, a city without districts its own district
dated_streets as (

    select
        unit_code,
        unit_name,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        has_no_district,
        city_name <> province_name and city_name not in ('{{ var("placeholder_city_names") | join("', '") }}') as has_city,
        case
            when first_seen_on = min(first_seen_on) over () then cast('{{ var("history_starts_on") }}' as date)
            else first_seen_on
        end as valid_from,
        coalesce(gone_by_on, closed_on, {{ far }}) as valid_to
    from unit_history

),

streets as (

    select
        unit_code,
        unit_name,
        province_code,
        province_name,
        valid_from,
        valid_to,
        case when not has_no_district then district_code end as district_code,
        case when not has_no_district then district_name end as district_name,
        case when has_city then city_code end as city_code,
        case when has_city then city_name end as city_name,
        max(case when has_no_district and has_city then 1 else 0 end) over (partition by city_code) = 1
            as has_no_district_level
    from dated_streets

),

-- the levels above have no list of their own: they are there as long as a street names them
placed as (

    select
        unit_code,
        unit_name,
        'street' as unit_level,
        coalesce(district_code, city_code, province_code) as admin_parent_code,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        has_no_district_level,
        valid_from,
        valid_to
    from streets
    union all
    select
        district_code as unit_code,
        district_name as unit_name,
        'district' as unit_level,
        coalesce(city_code, province_code) as admin_parent_code,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        has_no_district_level,
        valid_from,
        valid_to
    from streets
    where district_code is not null
    union all
    select
        city_code as unit_code,
        city_name as unit_name,
        'city' as unit_level,
        province_code as admin_parent_code,
        null as district_code,
        null as district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        has_no_district_level,
        valid_from,
        valid_to
    from streets
    where city_code is not null
    union all
    select
        province_code as unit_code,
        province_name as unit_name,
        'province' as unit_level,
        null as admin_parent_code,
        null as district_code,
        null as district_name,
        null as city_code,
        null as city_name,
        province_code,
        province_name,
        false as has_no_district_level,
        valid_from,
        valid_to
    from streets

),

reporting as (

    select
        *,
        admin_parent_code as reporting_parent_code
    from placed

),

-- rows that say the same of a unit are joined where their intervals meet; a gap begins a new one
covered as (

    select
        *,
        max(valid_to) over (
            partition by {{ attributes }}
            order by valid_from, valid_to
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from reporting

),

islands as (

    select
        *,
        sum(case when covered_until >= valid_from then 0 else 1 end) over (
            partition by {{ attributes }}
            order by valid_from, valid_to
            rows between unbounded preceding and current row
        ) as island
    from covered

),

listed_units as (

    select
        {{ attributes }},
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from islands
    group by {{ attributes }}, island

),

-- a unit of our own takes the levels above it from its parent, in each interval of the parent
added_units as (

    select
        local_units.unit_code,
        local_units.unit_name,
        local_units.unit_level,
        local_units.admin_parent_code,
        local_units.reporting_parent_code,
        case when local_units.unit_level = 'district' then local_units.unit_code else parents.district_code end
            as district_code,
        case when local_units.unit_level = 'district' then local_units.unit_name else parents.district_name end
            as district_name,
        case when local_units.unit_level = 'city' then local_units.unit_code else parents.city_code end as city_code,
        case when local_units.unit_level = 'city' then local_units.unit_name else parents.city_name end as city_name,
        parents.province_code,
        parents.province_name,
        parents.has_no_district_level,
        greatest(local_units.valid_from, parents.valid_from) as valid_from,
        least(coalesce(local_units.valid_to, {{ far }}), parents.valid_to) as valid_to
    from local_units
    inner join listed_units as parents
        on
            local_units.admin_parent_code = parents.unit_code
            and local_units.valid_from < parents.valid_to
            and coalesce(local_units.valid_to, {{ far }}) > parents.valid_from

),

all_units as (

    select
        {{ attributes }},
        valid_from,
        valid_to
    from listed_units
    union all
    select
        {{ attributes }},
        valid_from,
        valid_to
    from added_units

),

-- an interval is cut where a unit begins or ceases to report elsewhere
cuts as (

    select
        unit_code,
        valid_from,
        valid_from as cut_on
    from all_units
    union
    select
        all_units.unit_code,
        all_units.valid_from,
        overrides.valid_from as cut_on
    from all_units
    inner join overrides
        on
            all_units.unit_code = overrides.unit_code
            and all_units.valid_from < overrides.valid_from
            and all_units.valid_to > overrides.valid_from
    union
    select
        all_units.unit_code,
        all_units.valid_from,
        overrides.valid_to as cut_on
    from all_units
    inner join overrides
        on
            all_units.unit_code = overrides.unit_code
            and all_units.valid_from < overrides.valid_to
            and all_units.valid_to > overrides.valid_to

),

pieces as (

    select
        unit_code,
        valid_from as whole_from,
        cut_on as valid_from,
        lead(cut_on) over (partition by unit_code, valid_from order by cut_on) as next_cut_on
    from cuts

),

cut_units as (

    select
        all_units.unit_code,
        all_units.unit_name,
        all_units.unit_level,
        all_units.admin_parent_code,
        all_units.district_code,
        all_units.district_name,
        all_units.city_code,
        all_units.city_name,
        all_units.province_code,
        all_units.province_name,
        all_units.has_no_district_level,
        pieces.valid_from,
        coalesce(overrides.reporting_parent_code, all_units.reporting_parent_code) as reporting_parent_code,
        coalesce(pieces.next_cut_on, all_units.valid_to) as valid_to
    from all_units
    inner join pieces
        on
            all_units.unit_code = pieces.unit_code
            and all_units.valid_from = pieces.whole_from
    left join overrides
        on
            all_units.unit_code = overrides.unit_code
            and pieces.valid_from >= overrides.valid_from
            and pieces.valid_from < overrides.valid_to

),

final as (

    select
        cut_units.unit_code,
        cut_units.unit_name,
        cut_units.unit_level,
        cut_units.admin_parent_code,
        cut_units.reporting_parent_code,
        cut_units.district_code,
        cut_units.district_name,
        cut_units.city_code,
        cut_units.city_name,
        cut_units.province_code,
        cut_units.province_name,
        cut_units.has_no_district_level,
        cut_units.valid_from,
        nullif(cut_units.valid_to, {{ far }}) as valid_to,
        {{ valid_on('cut_units.valid_from', 'cut_units.valid_to', 'builds.known_on') }} as is_current
    from cut_units
    cross join builds

)

select * from final
