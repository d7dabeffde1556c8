{{ config(materialized='view') }}

with

comparisons as (
    select distinct
        later_period,
        earlier_period
    from {{ ref('int_trend__comparisons') }}
    where {{ changed_periods_filter('period') }}
),

streets as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street' and is_reported
),

profiles as (
    select * from {{ ref('fct_profile') }}
),

things as (
    select * from {{ ref('int_trend__things') }}
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

-- Like is compared with like: streets that reported both quarters.
compared as (
    select
        later.unit_code as street_code,
        later.period as later_period,
        earlier.period as earlier_period
    from comparisons
    inner join streets as later on comparisons.later_period = later.period
    inner join streets as earlier
        on
            comparisons.earlier_period = earlier.period
            and later.unit_code = earlier.unit_code
),

known as (
    select
        tree.ancestor_code as unit_code,
        compared.later_period,
        compared.earlier_period,
        count(*) as street_count,
        sum(coalesce(later.known_youth_org_count, 0)) as later_known_count,
        sum(coalesce(earlier.known_youth_org_count, 0)) as earlier_known_count
    from compared
    inner join tree on compared.street_code = tree.unit_code
    left join profiles as later
        on compared.street_code = later.unit_code and compared.later_period = later.period
    left join profiles as earlier
        on compared.street_code = earlier.unit_code and compared.earlier_period = earlier.period
    group by tree.ancestor_code, compared.later_period, compared.earlier_period
),

{% for side in ['later', 'earlier'] %}
{{ side }}_counts as (
    select
        things.unit_code,
        compared.later_period,
        compared.earlier_period,
        {%- for measure in ['youth_org', 'venue', 'staff'] %}
        count(distinct case when things.is_{{ measure }} then things.thing_key end) as {{ measure }}_count
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from compared
    inner join things
        on compared.street_code = things.street_code and compared.{{ side }}_period = things.period
    group by things.unit_code, compared.later_period, compared.earlier_period
),
{% endfor %}
final as (
    select
        known.unit_code,
        known.later_period,
        known.earlier_period,
        known.street_count,
        {%- for side in ['later', 'earlier'] %}
        -- Nobody knows fewer organisations than it reaches.
        greatest(known.{{ side }}_known_count, coalesce({{ side }}_counts.youth_org_count, 0)) as {{ side }}_known_count,
        {%- for measure in ['youth_org', 'venue', 'staff'] %}
        coalesce({{ side }}_counts.{{ measure }}_count, 0) as {{ side }}_{{ measure }}_count
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from known
    left join later_counts
        on
            known.unit_code = later_counts.unit_code
            and known.later_period = later_counts.later_period
            and known.earlier_period = later_counts.earlier_period
    left join earlier_counts
        on
            known.unit_code = earlier_counts.unit_code
            and known.later_period = earlier_counts.later_period
            and known.earlier_period = earlier_counts.earlier_period
)

select * from final
