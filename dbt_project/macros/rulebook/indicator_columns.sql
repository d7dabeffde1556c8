{#-
  Which columns of an indicator model are indicators: those documented with `config.meta.is_indicator: true`. The docs
  and not the database are asked, so that the models compile before anything is built. A column `<indicator>__status`
  beside one of them gives it a status of its own.
-#}
{% macro documented_columns(model_name) %}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
    {% do return(node.columns) %}
{% endmacro %}

{% macro indicator_columns(model_name) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for column in documented_columns(model_name).values() -%}
            {%- if column.config.meta.get('is_indicator') -%}
                {%- do found.append(column.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {% do return(found) %}
{% endmacro %}

{#- The wide rows of one indicator model as one row per indicator that the registry expects of the unit's level. -#}
{% macro unpivot_indicators(model_name, registry) -%}
    {%- set columns = indicator_columns(model_name) -%}
    {%- set documented = documented_columns(model_name) if execute else {} -%}
    select
        wide.unit_code,
        wide.unit_level,
        wide.period,
        wide.subject_key,
        wide.subject_name,
        registry.indicator_code,
        case registry.indicator_code
            {%- for column in columns %}
            when '{{ column }}' then wide.{{ column }}
            {%- endfor %}
            else cast(null as decimal(18, 4))
        end as value,
        case registry.indicator_code
            {%- for column in columns if column ~ '__status' in documented %}
            when '{{ column }}' then wide.{{ column }}__status
            {%- else %}
            when '' then wide.status
            {%- endfor %}
            else wide.status
        end as status
    from {{ ref(model_name) }} as wide
    inner join {{ registry }} as registry
        on
            registry.source_model = '{{ model_name }}'
            and (registry.unit_level in (wide.unit_level, 'all') or registry.cadence = 'notice')
    where {{ changed_periods_filter('wide.period') }}
{%- endmacro %}

{#- The rows of all indicator models in the shape of `unpivot_indicators`. -#}
{% macro unpivot_all_indicators(registry) -%}
    {%- for model_name in indicator_models() %}
    {{ unpivot_indicators(model_name, registry) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- What is implemented, one row per indicator column of the given models. -#}
{% macro implemented_indicators(model_names) -%}
    {%- for model_name in model_names %}
    {%- for column in indicator_columns(model_name) %}
    select
        '{{ model_name }}' as source_model,
        '{{ column }}' as indicator_code
    union all
    {%- endfor %}
    {%- endfor %}
    select
        cast(null as string) as source_model,
        cast(null as string) as indicator_code
    where 1 = 0
{%- endmacro %}

{#- The models that hold indicators, one per topic and grain. -#}
{% macro indicator_models() %}
    {% do return([
        'int_indicators__street',
        'int_indicators__committee',
        'int_indicators__chair_term',
        'int_indicators__street_year',
        'int_indicators__leader',
        'int_indicators__district_coverage',
        'int_indicators__notice',
        'int_indicators__committee_work',
        'int_indicators__membership',
        'int_indicators__rotation',
        'int_indicators__chair_holder',
        'int_indicators__committee_year',
        'int_indicators__trend',
        'int_indicators__organised_streets',
        'int_indicators__stage',
        'int_indicators__venues',
        'int_indicators__platform_services',
        'int_indicators__unit_sharing',
        'int_indicators__street_resources',
        'int_indicators__allocation_tilt',
        'int_indicators__district_resources',
        'int_indicators__project',
        'int_indicators__service',
        'int_indicators__meeting',
        'int_indicators__cooperation',
        'int_indicators__committee_cooperation',
        'int_indicators__policy_document',
        'int_indicators__stage_document',
        'int_indicators__street_guidance',
        'int_indicators__review',
        'int_indicators__leader_meeting',
        'int_indicators__leader_guidance',
        'int_indicators__street_basics',
        'int_indicators__mechanism',
        'int_indicators__member_duty',
        'int_indicators__batch',
        'int_indicators__stage_opening',
        'int_indicators__notice_answer',
        'int_indicators__youth_org',
        'int_indicators__hub',
        'int_indicators__workforce',
        'int_indicators__training',
        'int_indicators__district_incentive',
    ]) %}
{% endmacro %}
